import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Plan } from './observation.ts'
import { type ImageHistory, oldImages, ownImages, type StoredImage } from './old-images.ts'

const repository = 'registry.example/web'
const sha = (letter: string) => `sha256:${letter.repeat(64)}`
const plan: Plan = {
  directory: '/state',
  composeFile: '/state/compose.yaml',
  settings: { port: 8_090, drain: 0, checks: { interval: 10_000, threshold: 2 }, parked: { stop: [] } },
  pinned: [{ service: 'web', repository, source: `${repository}@${sha('9')}`, digest: sha('9') }],
  sidecars: [
    { service: 'old', image: `${repository}:v3`, source: `${repository}@${sha('3')}` },
    { service: 'cache', image: 'redis:7', source: `redis@${sha('7')}` },
  ],
  services: ['web', 'old', 'cache'],
}

/** Older where the letter is smaller. */
function image(letter: string, names: readonly string[], used = false): StoredImage {
  return { id: sha(letter), names, createdAt: letter.charCodeAt(0), bytes: 1, used }
}
const version = (letter: string, used = false) =>
  image(letter, [`${repository}:v${letter}`, `${repository}@${sha(letter)}`], used)
/** Nothing but its digest names it, unless it has tags. */
const sidecar = (letter: string, tags: readonly string[] = [], used = false) =>
  image(letter, [...tags, `redis@${sha(letter)}`], used)
/** All but one of its sidecars' images the agent pulled itself. */
const history: ImageHistory = {
  replaced: new Map(),
  pulled: new Set(['3', '4', '5', '6', '7'].map((letter) => `redis@${sha(letter)}`)),
}
const current = image('9', [`${repository}:live`, `${repository}@${sha('9')}`])

describe('images nobody needs', () => {
  test.each<[string, StoredImage[], string[]]>([
    ['only the current one', [current], []],
    ['the previous one stays', [current, version('8')], []],
    ['older ones go, the oldest first', [current, version('8'), version('6'), version('5')], ['5', '6']],
    ['a newer one that was not deployed counts as previous', [current, version('a'), version('8')], ['8']],
    [
      'before the pull, what is live is the previous one',
      [version('8'), image('5', [`${repository}:live`]), version('6')],
      ['6', '8'],
    ],
    ['nothing here yet', [], []],
    ['one a container is made of', [current, version('8'), version('5', true)], []],
    ['one the compose file names as a sidecar', [current, version('8'), version('3')], []],
    ['the previous one of a sidecar stays', [current, sidecar('5')], []],
    ['an older one goes', [current, sidecar('7'), sidecar('5'), sidecar('4'), sidecar('3')], ['3', '4']],
    ['one a container is made of does not', [sidecar('5'), sidecar('4', [], true)], []],
    ["one it did not pull is somebody's", [sidecar('5'), sidecar('1')], []],
    ['so is one with a tag', [sidecar('5'), sidecar('4', ['redis:6'])], []],
    ['nor is that the previous one', [sidecar('6', ['redis:6']), sidecar('5'), sidecar('4')], ['4']],
    ['one of a repository the plan does not name', [current, image('5', [`cache@${sha('5')}`])], []],
    [
      'one that has a name elsewhere',
      [current, version('8'), image('5', [`${repository}:v5`, 'backup:v5'])],
      [],
    ],
    [
      'a repository whose name begins alike',
      [current, version('8'), image('5', [`${repository}-two:v5`])],
      [],
    ],
    ['one without a name', [current, version('8'), image('5', [])], []],
    ['names that are no references', [current, version('8'), image('5', ['UPPER:x'])], []],
  ])('%s', (_, images, removed) => {
    expect(oldImages(images, plan, history).map(({ id }) => id)).toEqual(removed.map(sha))
  })

  test('once its name is taken, the image that had it stays, however old it is', () => {
    const since = { ...history, replaced: new Map([[repository, sha('5')]]) }
    const images = [current, version('8'), version('5'), version('6')]
    expect(oldImages(images, plan, since).map(({ id }) => id)).toEqual([sha('6'), sha('8')])
    const renamed = image('6', [`${repository}:live`])
    expect(oldImages([version('8'), version('5'), renamed], plan, since).map(({ id }) => id)).toEqual([
      sha('5'),
      sha('8'),
    ])
  })

  test('our own are those with a name in a pinned repository', () => {
    const images = [
      current,
      image('5', [`${repository}-two:v5`]),
      image('4', ['redis:7']),
      version('3', true),
    ]
    expect(ownImages(images, plan).map(({ id }) => id)).toEqual([sha('9'), sha('3')])
  })

  test("Docker Hub's are known by the names the engine gives them", () => {
    const hub: Plan = {
      ...plan,
      pinned: [
        { service: 'web', repository: 'docker.io/shop/web', source: 'docker.io/shop/web:v9', digest: null },
      ],
      sidecars: [{ service: 'cache', image: 'library/redis:7', source: `library/redis@${sha('7')}` }],
    }
    const own = ['9', '8', '6'].map((letter) => image(letter, [`shop/web:v${letter}`]))
    const images = [...own, sidecar('7', ['redis:7']), sidecar('5'), sidecar('4')]
    expect(oldImages(images, hub, history).map(({ id }) => id)).toEqual([sha('4'), sha('6')])
    expect(ownImages(images, hub)).toHaveLength(3)
  })

  test('each repository keeps a previous one of its own', () => {
    const api = 'registry.example/api'
    const both: Plan = {
      ...plan,
      pinned: [...plan.pinned, { service: 'api', repository: api, source: `${api}:v1`, digest: null }],
    }
    const images = [
      current,
      version('8'),
      version('6'),
      image('4', [`${api}:v0`]),
      image('2', [`${api}:v00`]),
    ]
    expect(oldImages(images, both, history).map(({ id }) => id)).toEqual([sha('2'), sha('6')])
  })

  test('whatever there is: nothing used, named by the plan or foreign goes, and at most one more of each repository stays', () => {
    const name = fc.constantFrom(
      `${repository}:live`,
      `${repository}:v1`,
      `${repository}@${sha('9')}`,
      `${repository}:v3`,
      `${repository}@${sha('5')}`,
      'redis:7',
      'redis:6',
      `redis@${sha('4')}`,
      `redis@${sha('1')}`,
      'other/web:v1',
    )
    const images = fc.uniqueArray(
      fc.record({
        id: fc.nat(15).map((nth) => sha(nth.toString(16))),
        names: fc.uniqueArray(name, { maxLength: 3 }),
        createdAt: fc.nat(5),
        bytes: fc.constant(1),
        used: fc.boolean(),
      }),
      { selector: ({ id }) => id },
    )
    const kept = [
      `${repository}@${sha('9')}`,
      `${repository}:v3`,
      'redis:7',
      'redis:6',
      `redis@${sha('1')}`,
      'other/web:v1',
    ]
    fc.assert(
      fc.property(images, (all) => {
        const removed = oldImages(all, plan, history)
        for (const { names, used } of removed) {
          expect(used).toBe(false)
          expect(names.filter((one) => kept.includes(one))).toEqual([])
        }
        const left = all.filter(({ id }) => !removed.some((one) => one.id === id))
        const idle = left.filter(
          ({ names, used }) => !used && names.length > 0 && !names.some((one) => kept.includes(one)),
        )
        expect(idle.length).toBeLessThanOrEqual(2)
      }),
    )
  })
})
