import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { version } from '@switchover/contract/version'

const root = fileURLToPath(new URL('../..', import.meta.url))
const names = ['agent', 'bootstrap', 'contract', 'coordinator', 'local-aws', 'rehearsal']

/** What a reader of events and reports would write. */
const consumer = `import { eventSchema, type Event } from '@switchover/contract/event'
import { parseReport } from '@switchover/contract/report'
import { renderPolicy } from '@switchover/bootstrap/policies'

export function outcome(line: string): string | null {
  const event: Event = eventSchema.parse(JSON.parse(line))
  return event.event === 'result' ? event.outcome : null
}
const wrong: number = outcome('')
console.log(wrong, parseReport, renderPolicy)
`

/** Needs npm's registry: for what the packages depend on. */
describe('the packages, installed outside the repository', () => {
  let directory: string
  const staged = (name: string) => join(directory, 'npm/@switchover', name)
  const installed = (command: string, args: readonly string[]) =>
    execa(join(directory, 'node_modules/.bin', command), args, {
      cwd: directory,
      stdin: 'ignore',
      reject: false,
    })

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'switchover-packages-'))
    const out = join(directory, 'npm')
    await execa(process.execPath, [join(root, 'build/pack.ts'), '--out', out], { cwd: tmpdir() })
    const tarballs = (await readdir(out)).filter((file) => file.endsWith('.tgz'))
    expect(tarballs).toHaveLength(names.length)
    await writeFile(join(directory, 'package.json'), '{ "type": "module" }')
    const quick = ['--no-audit', '--no-fund', '--prefer-offline', '--omit=dev']
    await execa('npm', ['install', ...quick, ...tarballs.map((file) => join(out, file))], {
      cwd: directory,
      stdin: 'ignore',
    })
  })
  afterAll(() => rm(directory, { recursive: true }))

  test.each(names)('%s is well made, and brings nothing of the workspace', async (name) => {
    const { messages } = await publint({ pkgDir: staged(name), strict: true })
    expect(messages).toEqual([])
    const manifest = JSON.parse(await readFile(join(staged(name), 'package.json'), 'utf8')) as {
      version: string
      dependencies?: Record<string, string>
    }
    expect(manifest).not.toHaveProperty('private')
    expect(manifest).not.toHaveProperty('devDependencies')
    expect(manifest.version).toBe(version)
    for (const range of Object.values(manifest.dependencies ?? {})) expect(range).toMatch(/^\^?\d/)
    const files = await readdir(staged(name), { recursive: true })
    expect(files.filter((file) => /\.test\.|fixture|(?<!\.d)\.ts$/.test(file))).toEqual([])
  })

  test('the coordinator runs, says its commit, and finds the rehearsal and the local AWS', async () => {
    const said = await installed('switchover', ['--version'])
    expect(said.stdout).toMatch(/^\d+\.\d+\.\d+ \(commit [0-9a-f]{7,}(-dirty)?\)$/)
    for (const command of ['deploy', 'rehearse', 'local-aws']) {
      const help = await installed('switchover', [command, '--help'])
      expect([command, help.exitCode, help.stderr]).toEqual([command, 0, ''])
      expect(help.stdout).toContain(`Usage: switchover ${command}`)
    }
  })

  test('a rehearsal on containers asks for an agent, before it touches anything', async () => {
    const { exitCode, stderr } = await installed('switchover', ['rehearse', '--no-install'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('give --agent FILE')
    const unreadable = await installed('switchover', ['rehearse', '--agent', 'nowhere.tar.gz'])
    expect([unreadable.exitCode, unreadable.stderr]).toEqual([2, expect.stringContaining('nowhere.tar.gz')])
  })

  test('the agent runs and reads the example that is packed', async () => {
    const example = join(directory, 'node_modules/@switchover/bootstrap/example/web/compose.yaml')
    const { exitCode, stdout } = await installed('switchover-agent', ['check', example])
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining("at the group's version")])
  })

  test('types reach whoever imports them', async () => {
    await writeFile(join(directory, 'consumer.ts'), consumer)
    const strict = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', '']
    const tsc = await execa(join(root, 'node_modules/.bin/tsc'), [...strict, 'consumer.ts'], {
      cwd: directory,
      reject: false,
    })
    // The one mistake it makes, and no other.
    const errors = tsc.stdout.split('\n').filter((line) => line.includes('error TS'))
    expect(errors).toEqual([expect.stringMatching(/^consumer\.ts\(9,7\): error TS2322: .*string/)])
  })
})
