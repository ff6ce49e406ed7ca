import { describe, expect, test } from 'vitest'
import { digestFor, digestTagKey, readGroupTags, tagKey } from './tags.ts'

const digest = `sha256:${'a'.repeat(64)}`
const other = `sha256:${'b'.repeat(64)}`
const least = { [tagKey.service]: 'web', [tagKey.store]: 's3://bucket/prefix' }

describe('group tags', () => {
  test('a fresh idle group has service and store only', () => {
    expect(readGroupTags(least)).toEqual({
      ok: true,
      tags: {
        service: 'web',
        store: 's3://bucket/prefix',
        version: null,
        digests: {},
        bundle: null,
        release: 'each',
        deployment: null,
      },
    })
  })

  test('everything a deployment sets is read, other tags are not', () => {
    const tags = {
      ...least,
      Name: 'web',
      [tagKey.version]: 'v42',
      [tagKey.digest]: digest,
      [tagKey.bundle]: '0123456789ab',
      [tagKey.release]: 'together',
      [tagKey.deployment]: '20260102-030405-1f9c',
    }
    expect(readGroupTags(tags)).toMatchObject({
      ok: true,
      tags: { version: 'v42', digests: { '': digest }, bundle: '0123456789ab', release: 'together' },
    })
  })

  test('several pinned repositories have a digest a compose service', () => {
    const read = readGroupTags({ ...least, [digestTagKey('web')]: digest, [digestTagKey('worker')]: other })
    expect(read).toMatchObject({ ok: true, tags: { digests: { web: digest, worker: other } } })
  })

  test.each([
    [{ [tagKey.store]: 's3://bucket' }, 'The group has no tag switchover:service.'],
    [{ [tagKey.service]: 'web' }, 'The group has no tag switchover:store.'],
    [
      { ...least, [tagKey.store]: 'bucket/prefix' },
      'Tag switchover:store: the store must be written s3://BUCKET/PREFIX.',
    ],
    [{ ...least, [tagKey.version]: 'a b' }, 'Tag switchover:version: "a b" is not a legal image tag.'],
    [{ ...least, [tagKey.digest]: 'latest' }, 'Tag switchover:digest: "latest" is not a sha256 digest.'],
    [
      { ...least, [tagKey.bundle]: 'v1' },
      'Tag switchover:bundle: a bundle revision is 12 hexadecimal digits.',
    ],
  ])('%j is refused in one sentence', (tags, problem) => {
    expect(readGroupTags(tags)).toEqual({ ok: false, problem })
  })
})

test('a compose service has its own digest, else the shared one', () => {
  expect(digestFor({ web: digest, '': other }, 'web')).toBe(digest)
  expect(digestFor({ '': other }, 'web')).toBe(other)
  expect(digestFor({}, 'web')).toBeNull()
})
