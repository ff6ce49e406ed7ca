import { once } from 'node:events'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { ownerIsGone, thisOwner } from './owner.ts'

test('this process is alive', async () => {
  expect(await ownerIsGone(await thisOwner())).toBe(false)
})

test('a process is gone once it has ended, though its name stays the same', async () => {
  const script = `const { thisOwner } = await import('${new URL('owner.ts', import.meta.url).href}')
    console.log(await thisOwner())
    process.stdin.resume()`
  const other = execa('node', ['--input-type=module', '--eval', script], { stdin: 'pipe' })
  const [chunk] = (await once(other.stdout, 'data')) as [Buffer]
  const owner = chunk.toString().trim()
  expect(owner).not.toBe(await thisOwner())
  expect(await ownerIsGone(owner)).toBe(false)
  other.stdin.end()
  await other
  expect(await ownerIsGone(owner)).toBe(true)
})

test('an id that was given to another process since is gone; one of an earlier boot too; one out of sight is not', async () => {
  const [boot, namespace, pid, start] = (await thisOwner()).split('/')
  expect(await ownerIsGone([boot, namespace, pid, `${start}1`].join('/'))).toBe(true)
  expect(await ownerIsGone(['another-boot', namespace, pid, start].join('/'))).toBe(true)
  expect(await ownerIsGone([boot, '1', pid, '0'].join('/'))).toBe(false)
})
