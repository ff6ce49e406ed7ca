import * as fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { events, live, pace, shapes } from '../../decide/chaos.fixture.ts'
import { decide } from '../../decide/decide.ts'
import { beforeDeploy, withReport } from '../../decide/fixture.ts'
import type { World } from '../../decide/world.ts'
import { asciiSigns, unicodeSigns } from './line.ts'
import { sightOfWorld } from './sight-of-world.ts'
import { view, type Frame } from './view.ts'

const frames: fc.Arbitrary<Frame> = fc.record({
  width: fc.integer({ min: 1, max: 200 }),
  height: fc.integer({ min: 0, max: 60 }),
  signs: fc.constantFrom(asciiSigns, unicodeSigns),
  age: fc.integer({ min: 0, max: 7_200_000 }),
  pace: fc.integer({ min: 100, max: 10_000 }),
  question: fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { maxLength: 4 }),
  hint: fc.constant('Ctrl-C asks what to do.'),
})

/** Room for names, and for all groups of a large fleet. */
const roomy = fc
  .tuple(frames, fc.integer({ min: 64, max: 200 }), fc.integer({ min: 40, max: 60 }))
  .map(([frame, width, height]): Frame => ({ ...frame, width, height, question: [] }))

/** What agents and AWS say comes from outside: any text, and any figures. */
const said = fc.record({
  pick: fc.nat(1_000),
  sentence: fc.string({ unit: 'grapheme', maxLength: 200 }),
  bytes: fc.double({ min: 0, max: 1e13, noNaN: true }),
  total: fc.option(fc.double({ min: 0, max: 1e13, noNaN: true })),
})

type Said = Readonly<{ pick: number; sentence: string; bytes: number; total: number | null }>

function withSaid(world: World, { pick, sentence, bytes, total }: Said): World {
  const one = world.new.instances[pick % Math.max(1, world.new.instances.length)]
  if (one === undefined) return world
  const progress = { image: 'web', bytes, total, unpacked: 0, bytesPerSecond: bytes, remainingMs: null }
  const reason = sentence === '' ? null : { code: 'x', sentence, kind: 'retryable' as const }
  return withReport(world, one.id, { phase: 'pulling', progress, reason })
}

/** Some moment of a deployment to which things happen, and how it is drawn. */
const drawn = (frame: fc.Arbitrary<Frame>) =>
  fc
    .tuple(shapes, events, pace, fc.nat(), said, frame)
    .map(([shape, happening, getOn, moment, words, frame]) => {
      const turns = live(beforeDeploy(shape), happening, getOn)
      const world = withSaid(turns[moment % turns.length]?.before ?? beforeDeploy(shape), words)
      const sight = sightOfWorld({ world, step: decide(world) })
      const lines = view(sight, frame).map((line) => line.map(({ text }) => text).join(''))
      return { world, frame, lines }
    })

const settings = { numRuns: 200 }

test('is never wider than the terminal, never taller, and moves no cursor', () => {
  fc.assert(
    fc.property(drawn(frames), ({ frame, lines }) => {
      expect(lines.length).toBeLessThanOrEqual(frame.height)
      expect(Math.max(0, ...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(frame.width)
      expect(lines.join('')).not.toMatch(/\p{Cc}/u)
    }),
    settings,
  )
})

test('names no instance that is not there, and counts each once', () => {
  fc.assert(
    fc.property(drawn(roomy), ({ world, lines }) => {
      const members = [...world.old.instances, ...world.new.instances]
      const rows = lines.filter((line) => line.startsWith('  '))
      const first = rows.map((line) => line.trim().split(/ {2,}/)[0] ?? '')
      const counts = first.filter((cell) => /^\d+$/.test(cell)).map(Number)
      const names = first.filter((cell) => !/^\d+$/.test(cell))
      expect(new Set(members.map(({ id }) => id))).toEqual(
        new Set([...members.map(({ id }) => id), ...names]),
      )
      expect(new Set(names).size).toBe(names.length)
      const counted = counts.reduce((sum, one) => sum + one, 0)
      expect(Math.max(counted, names.length)).toBeLessThanOrEqual(members.length)
      expect(counted + names.length).toBeGreaterThanOrEqual(members.length)
    }),
    settings,
  )
})
