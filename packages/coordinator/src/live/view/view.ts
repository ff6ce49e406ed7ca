import { formatDuration } from '@switchover/contract/duration'
import type { WaitEnd } from '../../decide/wait-end.ts'
import { seconds } from './instance-cells.ts'
import { groupLines, type GroupLines } from './group-lines.ts'
import { apart, fit, paragraph, span, type Line, type Signs } from './line.ts'
import type { Sight } from './sight.ts'

/** How and when it is looked at. */
export type Frame = Readonly<{
  width: number
  height: number
  signs: Signs
  /** Milliseconds since the look. */
  age: number
  /** Milliseconds from one look to the next, as planned at that look. */
  pace: number
  /** What a person is asked; empty where nothing is. */
  question: readonly string[]
  /** What Ctrl-C does. */
  hint: string
}>

/** A look may take this long before the one before it is called old. Milliseconds. */
const lookTakes = 3_000
/** From here on there is room for blank lines. */
const airy = 20

/** The higher, the later it is left out where lines are few. */
type Weighted = Readonly<{ line: Line; weight: number }>
const weights = {
  question: 9,
  head: 8,
  doing: 7,
  old: 6,
  groups: 5,
  failure: 4,
  times: 3,
  rows: 2,
  hint: 1,
  air: 0,
}

/** The live view: never wider than `width`, never taller than `height`, and nothing in it that the look did not find. */
export function view(sight: Sight, frame: Frame): Line[] {
  const above = [...headLines(sight, frame), ...failureLines(sight, frame)]
  const below = [
    ...doingLines(sight, frame),
    ...oldLines(frame),
    ...frame.question.flatMap((text) =>
      weighted('question', paragraph(span(text, 'bold'), frame.width, 3, frame.signs)),
    ),
    ...(frame.question.length === 0
      ? weighted('hint', [fit([span(frame.hint, 'dim')], frame.width, frame.signs)])
      : []),
  ]
  const air = () => (frame.height >= airy ? weighted('air', [[]]) : [])
  const taken = above.length + below.length + sight.groups.length + air().length * 2
  const options = { now: sight.now, width: frame.width, signs: frame.signs }
  const groups = groupLines(sight.groups, frame.height - taken, options).flatMap(weighGroup)
  return lightened([...above, ...air(), ...groups, ...air(), ...below], frame.height)
}

function weighGroup({ head, rows }: GroupLines): Weighted[] {
  return [...weighted('groups', [head]), ...weighted('rows', rows)]
}

function weighted(of: keyof typeof weights, lines: readonly Line[]): Weighted[] {
  return lines.map((line) => ({ line, weight: weights[of] }))
}

/** As many lines as there is room for, the weightiest; of equal ones the first. */
function lightened(lines: readonly Weighted[], height: number): Line[] {
  const kept = new Set(lines.toSorted((a, b) => b.weight - a.weight).slice(0, Math.max(0, height)))
  return lines.filter((one) => kept.has(one)).map(({ line }) => line)
}

function headLines(sight: Sight, { width, signs, age }: Frame): Weighted[] {
  const { service, what, begunAt, now, predicted } = sight
  const title = [span(service, 'bold'), span(`  ${what}`)]
  const elapsed = begunAt === null ? null : now + age - begunAt
  const times = elapsed === null ? [] : [span(againstPredicted(elapsed, predicted?.endedMs ?? null))]
  const [head, ...more] = apart(title, times, width, signs)
  const switched = switchText(sight)
  return [
    ...weighted('head', head === undefined ? [] : [head]),
    ...weighted('times', more),
    ...weighted('times', switched === null ? [] : [fit([span(switched, 'dim')], width, signs)]),
  ]
}

function againstPredicted(elapsed: number, predicted: number | null): string {
  if (predicted === null) return seconds(elapsed)
  return elapsed <= predicted
    ? `${seconds(elapsed)} of about ${seconds(predicted)}`
    : `${seconds(elapsed)}, predicted about ${seconds(predicted)}`
}

function switchText({ begunAt, switchedAt, predicted }: Sight): string | null {
  const foretold = predicted?.switchedMs ?? null
  const before = foretold === null ? '' : `predicted after about ${seconds(foretold)}`
  if (begunAt === null) return null
  if (switchedAt !== null)
    return `Switched after ${formatDuration(switchedAt - begunAt)}${before === '' ? '' : `, ${before}`}.`
  return before === '' ? null : `Switch ${before}.`
}

function failureLines({ failure }: Sight, { width, signs }: Frame): Weighted[] {
  return failure === null ? [] : weighted('failure', paragraph(span(failure, 'red'), width, 2, signs))
}

function doingLines({ doing, holder, now }: Sight, { width, signs, age }: Frame): Weighted[] {
  const lines = holder === null ? [] : paragraph(span(holder, 'dim'), width, 2, signs)
  if (doing === null) return weighted('doing', lines)
  const { text, until } = doing
  const end = until === null ? '' : ` ${untilText(until, now + age)}`
  return weighted('doing', [...lines, ...paragraph(span(`${text}${end}`), width, 3, signs)])
}

const ends = { ends: 'Until', by: 'At the latest until', fails: 'Given up at' } as const

/** Times of day as the narration has them: UTC. */
function untilText({ at, how }: WaitEnd, now: number): string {
  const time = new Date(at).toISOString().slice(11, 19)
  const left = at - now
  if (left <= 0) return `${ends[how]} ${time}.`
  return `${ends[how]} ${time}, in ${left > 120_000 ? `${Math.ceil(left / 60_000)}m` : seconds(left)}.`
}

/** Nothing that is shown moves while nothing new is known, and when that lasts it is said. */
function oldLines({ age, pace, width, signs }: Frame): Weighted[] {
  if (age <= pace + lookTakes) return []
  const text = `What you see is ${seconds(age)} old: no newer look has come back.`
  return weighted('old', paragraph(span(text, 'yellow'), width, 2, signs))
}
