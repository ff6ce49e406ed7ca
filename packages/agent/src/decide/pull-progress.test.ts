import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compressedBytes, transferOf, type LayerSizes, type Transfer } from './layer.ts'
import { nextProgress, noProgress, stallLimit, type PullState } from './pull-progress.ts'
import { newMeters, nextMeter, nextMeters, pullProgress, type Meter } from './pull-rate.ts'
import { progressLine, worthTelling } from './pull-words.ts'

const line = (id: string, status: string, current?: number, total?: number, more?: object) => ({
  id,
  status,
  progressDetail: current === undefined ? {} : { current, total, ...more },
})
const after = (...lines: unknown[]): PullState => lines.reduce<PullState>(nextProgress, noProgress)
const begun = [
  line('sha256:1', 'Pulling from web'),
  line('a', 'Pulling fs layer'),
  line('b', 'Pulling fs layer'),
]

/** Looks a second apart. */
const run = (bytes: readonly number[]): Meter =>
  bytes.reduce((meter, count, second) => nextMeter(meter, count, (second + 1) * 1_000), newMeters(0).download)

const metersAfter = (states: readonly PullState[]) =>
  states.reduce((meters, state, second) => nextMeters(meters, state, (second + 1) * 1_000), newMeters(0))

describe('what a pull has brought', () => {
  test.each<[string, unknown[], Transfer, LayerSizes?]>([
    ['nothing yet', [], { downloaded: 0, unpacked: 0, total: null }],
    ['layers without a size', begun, { downloaded: 0, unpacked: 0, total: null }],
    [
      'one size known of two',
      [...begun, line('a', 'Downloading', 10, 100)],
      { downloaded: 10, unpacked: 0, total: null },
    ],
    [
      'both sizes known',
      [...begun, line('a', 'Downloading', 10, 100), line('b', 'Downloading', 5, 50)],
      { downloaded: 15, unpacked: 0, total: 150 },
    ],
    [
      'a layer that is here already has nothing to bring',
      [...begun, line('a', 'Already exists'), line('b', 'Downloading', 5, 50)],
      { downloaded: 5, unpacked: 0, total: 50 },
    ],
    [
      'sizes known beforehand',
      begun,
      { downloaded: 0, unpacked: 0, total: 30 },
      new Map([
        ['a', 10],
        ['b', 20],
      ]),
    ],
    [
      'and one that is here already',
      [...begun, line('a', 'Already exists'), line('b', 'Downloading', 5, 20)],
      { downloaded: 5, unpacked: 0, total: 20 },
      new Map([
        ['a', 10],
        ['b', 20],
      ]),
    ],
    [
      'a layer too small for a line about its bytes',
      [line('a', 'Pulling fs layer'), line('a', 'Download complete')],
      { downloaded: 0, unpacked: 0, total: 0 },
    ],
    [
      'a registry that names no size',
      [line('a', 'Downloading', 10, -1), line('a', 'Downloading', 70, -1)],
      { downloaded: 70, unpacked: 0, total: null },
    ],
    [
      'and its end, which names it',
      [line('a', 'Downloading', 70, -1), line('a', 'Verifying Checksum'), line('a', 'Download complete')],
      { downloaded: 70, unpacked: 0, total: 70 },
    ],
    [
      'unpacking',
      [line('a', 'Downloading', 99, 100), line('a', 'Download complete'), line('a', 'Extracting', 30, 100)],
      { downloaded: 100, unpacked: 30, total: 100 },
    ],
    [
      'unpacking counted in seconds',
      [line('a', 'Downloading', 99, 100), line('a', 'Extracting', 3, undefined, { units: 's' })],
      { downloaded: 100, unpacked: 0, total: 100 },
    ],
    [
      'a layer that is done',
      [line('a', 'Downloading', 99, 100), line('a', 'Extracting', 30, 100), line('a', 'Pull complete')],
      { downloaded: 100, unpacked: 100, total: 100 },
    ],
    [
      'a layer the engine goes on with after a cut',
      [
        line('a', 'Downloading', 60, 100),
        line('a', 'Retrying in 1 second'),
        line('a', 'Downloading', 10, 40),
      ],
      { downloaded: 70, unpacked: 0, total: 100 },
    ],
    [
      'a layer the engine begins again',
      [
        line('a', 'Downloading', 60, 100),
        line('a', 'Retrying in 5 seconds'),
        line('a', 'Downloading', 1, 100),
      ],
      { downloaded: 1, unpacked: 0, total: 100 },
    ],
  ])('%s', (_, lines, transfer, sizes = new Map()) => {
    const state = lines.reduce<PullState>(nextProgress, { ...noProgress, sizes })
    expect(transferOf(state.layers.values())).toEqual(transfer)
  })

  test('never more than there is, whatever order lines come in', () => {
    const status = fc.constantFrom(
      'Pulling fs layer',
      'Waiting',
      'Downloading',
      'Verifying Checksum',
      'Download complete',
      'Extracting',
      'Pull complete',
      'Retrying in 1 second',
    )
    const lines = fc.tuple(status, fc.constantFrom('a', 'b'), fc.nat(100))
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 20 }), (rows) => {
        const state = after(...rows.map(([text, id, current]) => line(id, text, current, 100)))
        const { downloaded, unpacked, total } = transferOf(state.layers.values())
        if (total !== null) expect(downloaded).toBeLessThanOrEqual(total)
        expect(unpacked).toBeLessThanOrEqual(total ?? 200)
      }),
    )
  })

  test.each<[string, unknown[], number]>([
    ['the same line again', [line('a', 'Downloading', 10, 100), line('a', 'Downloading', 10, 100)], 1],
    ['more bytes', [line('a', 'Downloading', 10, 100), line('a', 'Downloading', 11, 100)], 2],
    [
      'seconds that pass while a layer is unpacked',
      [
        line('a', 'Extracting', 1, undefined, { units: 's' }),
        line('a', 'Extracting', 2, undefined, { units: 's' }),
      ],
      1,
    ],
  ])('moves: %s', (_, lines, moves) => {
    expect(after(...lines).moves).toBe(moves)
  })

  test('unpacking may be silent for longer than downloading', () => {
    expect(stallLimit(after(line('a', 'Downloading', 1, 2)))).toBe(120_000)
    expect(stallLimit(after(line('a', 'Extracting', 1, 2)))).toBe(600_000)
    expect(stallLimit(after(line('a', 'Extracting', 1, 2), line('a', 'Pull complete')))).toBe(120_000)
  })
})

test('an image is as large as its layers together', () => {
  expect(
    compressedBytes(
      new Map([
        ['a', 10],
        ['b', 20],
      ]),
    ),
  ).toBe(30)
  expect(compressedBytes(new Map())).toBe(0)
})

describe('how fast', () => {
  test.each<[string, number[], number | null, number | null]>([
    ['nothing moves yet', [0, 0], null, null],
    ['the first second tells', [1_000], 1_000, 1_000],
    ['a steady pace', [1_000, 2_000, 3_000, 4_000], 1_000, 1_000],
    ['one slow second hardly counts', [1_000, 2_000, 2_000], 750, 999],
    ['a stop does, after a while', [1_000, ...Array<number>(20).fill(1_000)], 0, 50],
    ['a layer begun again is no loss', [1_000, 0, 1_000, 2_000], 500, 1_000],
  ])('%s', (_, bytes, least, most) => {
    const { perSecond } = run(bytes)
    if (least === null || most === null) return expect(perSecond).toBeNull()
    expect(perSecond).toBeGreaterThanOrEqual(least)
    expect(perSecond).toBeLessThanOrEqual(most)
  })

  test('a pace lies between the slowest and the fastest that was seen', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 30 }), (steps) => {
        let sum = 0
        const { perSecond } = run(steps.map((step) => (sum += step)))
        expect(perSecond).toBeGreaterThanOrEqual(Math.min(...steps) * (1 - 1e-9))
        expect(perSecond).toBeLessThanOrEqual(Math.max(...steps) * (1 + 1e-9))
      }),
    )
  })

  const down = (current: number) => after(line('a', 'Downloading', current, 1_000))
  const unpack = (current: number) =>
    after(line('a', 'Downloading', 999, 1_000), line('a', 'Extracting', current, 1_000))

  test.each<[string, PullState[], { bytesPerSecond: number; remainingMs: number | null }]>([
    ['nothing came', [down(0)], { bytesPerSecond: 0, remainingMs: null }],
    ['half is here', [down(250), down(500)], { bytesPerSecond: 250, remainingMs: 2_000 }],
    ['all is here, none unpacked', [down(1_000)], { bytesPerSecond: 1_000, remainingMs: null }],
    [
      'the size of a layer is not known',
      [after(line('a', 'Downloading', 100, 1_000), line('b', 'Waiting'))],
      { bytesPerSecond: 100, remainingMs: null },
    ],
  ])('what is left: %s', (_, states, expected) => {
    expect(pullProgress('web', states.at(-1) ?? noProgress, metersAfter(states))).toMatchObject(expected)
  })

  test('what is left: unpacking goes on at its own pace', () => {
    const states = [down(1_000), unpack(100), unpack(200)]
    expect(pullProgress('web', unpack(200), metersAfter(states)).remainingMs).toBe(8_000)
  })
})

describe('in words', () => {
  const half = {
    image: 'web@sha256:1',
    bytes: 50e6,
    total: 100e6,
    unpacked: 0,
    bytesPerSecond: 25e6,
    remainingMs: 2_000,
  }
  test.each([
    [half, 'Pulling web@sha256:1: 50 MB of 100 MB (50 %), 25 MB/s, about 2.0s left.'],
    [{ ...half, total: null, remainingMs: null }, 'Pulling web@sha256:1: 50 MB so far, 25 MB/s.'],
    [
      { ...half, bytes: 100e6, unpacked: 30e6 },
      'Pulling web@sha256:1: all 100 MB here, 30 % unpacked, about 2.0s left.',
    ],
  ])('%j', (progress, text) => {
    expect(progressLine(progress)).toBe(text)
  })

  test.each([
    ['just told', 4_999, 1, false],
    ['a tenth of the work', 5_000, 0.2, true],
    ['not yet a tenth', 5_000, 0.1, false],
    ['long silent', 30_000, 0, true],
  ])('%s', (_, now, bytes, expected) => {
    const progress = { ...half, bytes: bytes * half.total }
    expect(worthTelling({ at: 0, share: 0 }, progress, now)).toBe(expected)
  })
})
