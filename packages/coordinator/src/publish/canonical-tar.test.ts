import fc from 'fast-check'
import { expect, test } from 'vitest'
import { extract } from 'tar-stream'
import { buffer } from 'node:stream/consumers'
import { canonicalTar, revisionOf } from './canonical-tar.ts'
import type { BundleEntry } from './canonical-tar.ts'

const path = fc
  .array(fc.stringMatching(/^[a-zA-Z0-9ä_.-]{1,40}$/), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join('/'))
  .filter((text) => !text.split('/').some((part) => part === '.' || part === '..'))

const entry: fc.Arbitrary<BundleEntry> = fc.oneof(
  fc.record({
    kind: fc.constant('file' as const),
    path,
    content: fc.uint8Array({ maxLength: 2_000 }),
    executable: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('link' as const), path, target: path }),
)
const entries = fc.uniqueArray(entry, { selector: ({ path }) => path, maxLength: 12 })

test('the same entries in any order give the same bytes', async () => {
  const shuffled = entries.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  )
  await fc.assert(
    fc.asyncProperty(shuffled, async ([all, other]) => {
      expect(await canonicalTar(other)).toEqual(await canonicalTar(all))
    }),
    { numRuns: 60 },
  )
})

test('what goes in comes out, sorted and without traces of who packed it', async () => {
  await fc.assert(
    fc.asyncProperty(entries, async (all) => {
      const reader = extract()
      reader.end(await canonicalTar(all))
      const found: BundleEntry[] = []
      for await (const part of reader) {
        const { name, type, linkname, mode, uid, gid, mtime } = part.header
        const content = new Uint8Array(await buffer(part))
        expect([uid, gid, mtime?.getTime()]).toEqual([0, 0, 0])
        if (type === 'symlink') found.push({ kind: 'link', path: name, target: linkname ?? '' })
        else found.push({ kind: 'file', path: name, content, executable: mode === 0o755 })
      }
      expect(found).toEqual(all.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
    }),
    { numRuns: 60 },
  )
})

const file = (text: string): BundleEntry[] => [
  { kind: 'file', path: 'compose.yaml', content: Buffer.from(text), executable: false },
]

test('a changed byte changes the revision, which is the beginning of the hash', async () => {
  const [one, two] = [revisionOf(await canonicalTar(file('a'))), revisionOf(await canonicalTar(file('b')))]
  expect(one.revision).not.toBe(two.revision)
  expect(one.sha256.startsWith(one.revision)).toBe(true)
  expect(one.revision).toMatch(/^[0-9a-f]{12}$/)
})
