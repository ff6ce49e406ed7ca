import { formatDuration } from '@switchover/contract/duration'
import type { Durations } from '../decide/durations.ts'
import type { Foretold } from '../decide/predict.ts'
import { assumed, partsOf } from '../decide/predict-time.ts'
import type { Step } from '../decide/step.ts'
import type { World } from '../decide/world.ts'
import { operationsOf } from './calls.ts'
import { capacityOf } from './capacity.ts'
import { hintsOf } from './hints.ts'
import type { Bar, Calls, Entry, Lane, Mark, Part, Row, Section, Timeline } from './model.ts'
import { factsOf } from './past.ts'

/** Calls are counted by so many milliseconds of the time foretold. */
const bucketMs = 1_000

export type Words = Readonly<{
  describe: (step: Step) => string
  /** Names of the calls a step sends, `autoscaling EnterStandby`. */
  calls: (step: Step) => readonly string[]
  summary: string
}>

/** What the ladder foretells, in the shape of what comes of it: times as `predictTimes` has them. */
export function foretoldTimeline(
  foretold: readonly Foretold[],
  durations: Durations,
  words: Words,
): Timeline | null {
  const [first] = foretold
  if (first === undefined) return null
  const { deployment } = first.world
  return {
    predicted: true,
    service: deployment.service,
    id: '',
    version: deployment.version,
    previousVersion: deployment.previousVersion,
    summary: words.summary,
    failure: null,
    startedAt: new Date(first.world.now).toISOString(),
    endedAt: null,
    sections: [foretoldSection(foretold, first.world, durations, words)],
    facts: factsOf(deployment).filter(({ name }) => name !== 'deployment'),
    record: null,
    missing: [],
  }
}

/** What is known so far, while the steps are walked through. */
type Story = {
  at: number
  bars: Map<string, Bar[]>
  entries: Entry[]
  marks: Mark[]
  parts: Part[]
  required: (readonly [number, number])[]
  counts: Map<string, number>
  callTimes: number[]
}

function foretoldSection(
  foretold: readonly Foretold[],
  begun: World,
  durations: Durations,
  words: Words,
): Section {
  const story: Story = {
    at: 0,
    bars: new Map(begun.old.instances.map(({ id }) => [id, [{ kind: 'service', from: 0, to: 0 }]])),
    entries: [],
    marks: [],
    parts: [],
    required: [[0, begun.deployment.required]],
    counts: new Map(),
    callTimes: [],
  }
  for (const { step, world } of foretold) {
    if (step.kind === 'wait') waits(story, partsOf(world, step, durations), world)
    else acts(story, step, world, words)
  }
  const last = foretold.at(-1)
  const lanes = lanesOf(story, begun)
  const bare = {
    name: begun.deployment.goal,
    startsAt: begun.now,
    lengthMs: Math.max(1, story.at),
    rest: last?.step.kind === 'settle' && last.step.stage === 'canary' ? 'canaries serve' : 'foretold',
    foretold: null,
    lanes,
    left: 0,
    capacity: capacityOf(lanes, story.required, [], story.at),
    gaps: [],
    marks: story.marks,
    entries: story.entries,
    calls: callsOf(story),
    parts: joined(story.parts),
  }
  return {
    ...bare,
    hints: hintsOf(bare, {
      sources: begun.trafficSources,
      flags: begun.deployment.flags,
      checks: durations.checks,
    }),
  }
}

/** New instances that have no bars yet come up meanwhile; what drains ends with the longest wait for it. */
function waits(story: Story, parts: ReturnType<typeof partsOf>, world: World): void {
  const coming = world.new.instances.filter(({ id }) => !story.bars.has(id))
  const bars: Bar[] = []
  for (const { what, ms, bar } of parts) {
    const to = story.at + ms
    const last = bars.at(-1)
    if (bar !== undefined && ms > 0) bars.push({ kind: bar, from: story.at, to })
    // Until somebody looks nobody knows that it is over.
    else if (last !== undefined) bars[bars.length - 1] = { ...last, to }
    if (ms > 0) story.parts.push({ what, from: story.at, to })
    story.at = to
  }
  if (bars.length > 0)
    for (const { id } of coming)
      story.bars.set(id, [...bars, { kind: 'service', from: story.at, to: story.at }])
  for (const [id, own] of story.bars) if (own.at(-1)?.kind === 'draining') turn(story, id, 'standby')
}

function acts(story: Story, step: Exclude<Step, { kind: 'wait' }>, world: World, words: Words): void {
  if (step.kind === 'enter-standby') for (const id of step.instances) turn(story, id, 'draining')
  if (step.kind === 'require') story.required.push([story.at, step.required])
  if (step.kind === 'mark-switched') {
    const text = `switched at ${formatDuration(story.at)}`
    if (world.deployment.marks.switchedAt === null) story.marks.push({ at: story.at, text, switched: true })
  }
  story.entries.push({
    at: story.at,
    kind: 'step',
    what: step.kind,
    text: `${words.describe(step)}. ${step.why}`,
  })
  for (const name of words.calls(step)) {
    story.counts.set(name, (story.counts.get(name) ?? 0) + 1)
    story.callTimes.push(story.at)
  }
  story.parts.push({ what: 'steps of the coordinator', from: story.at, to: story.at + assumed.step })
  story.at += assumed.step
}

/** From now on an instance does something else. */
function turn(story: Story, id: string, kind: Bar['kind']): void {
  const own = story.bars.get(id)
  const last = own?.at(-1)
  if (!own || !last) return
  own[own.length - 1] = { ...last, to: story.at }
  own.push({ kind, from: story.at, to: story.at })
}

function lanesOf(story: Story, begun: World): Lane[] {
  const old = new Map(begun.old.instances.map((instance) => [instance.id, instance.zone ?? null]))
  const rows = [...story.bars].map(([id, bars]): Row & { side: Lane['side'] } => {
    const ended = bars.map((bar, index) => (index === bars.length - 1 ? { ...bar, to: story.at } : bar))
    const side = old.has(id) ? 'old' : 'new'
    const servedAt = side === 'new' ? (ended.find(({ kind }) => kind === 'service')?.from ?? null) : null
    return {
      side,
      id,
      zone: old.get(id) ?? null,
      bars: ended,
      servedAt,
      note: null,
      logs: [],
      pulledBytes: null,
    }
  })
  return (['new', 'old'] as const).map((side) => ({
    side,
    group: begun[side].name,
    rows: rows.filter((row) => row.side === side).map(({ side: _side, ...row }) => row),
  }))
}

function callsOf({ counts, callTimes, at }: Story): Calls {
  const buckets = Array.from({ length: Math.max(1, Math.ceil(at / bucketMs)) }, () => 0)
  for (const time of callTimes) {
    const index = Math.min(buckets.length - 1, Math.floor(time / bucketMs))
    buckets[index] = (buckets[index] ?? 0) + 1
  }
  return { bucketMs, buckets, operations: operationsOf(counts) }
}

/** Steps that follow one another are one part, and the look that ends a wait belongs to it. */
function joined(parts: readonly Part[]): Part[] {
  const result: Part[] = []
  for (const part of parts) {
    const last = result.at(-1)
    if (last !== undefined && (last.what === part.what || part.what === 'the next look'))
      result[result.length - 1] = { ...last, to: part.to }
    else result.push(part)
  }
  return result
}
