import type { Phase } from '@switchover/contract/report'
import type { Life } from './life.ts'
import type { Bar, BarKind, Row } from './model.ts'

/** What the agent's phases are to people. */
const agentKinds: readonly (readonly [BarKind, readonly Phase[]])[] = [
  ['agent', ['booting', 'identifying', 'resolving']],
  ['pull', ['pulling', 'retagging']],
  ['compose', ['starting', 'verifying']],
]

/** A machine's clock is not the store's. Milliseconds. */
const slackMs = 5_000

/** A moment at which the kind changes. Milliseconds since the epoch, as everything here until `rowOf`. */
type Turn = readonly [number, BarKind]

/**
 * One instance as bars, without holes, from its first moment to the last that is known.
 * @param startsAt of the section, milliseconds since the epoch
 */
export function rowOf(life: Life, startsAt: number): Row {
  const servedAt = firstServed(life)
  const cameUp = beginning(life, startsAt)
  const turns =
    cameUp === null
      ? after(life, false, null)
      : [...comingUp(life, cameUp, servedAt), ...after(life, true, servedAt)]
  const bars = turns
    .map(([at, kind], index): Bar => {
      const to = turns[index + 1]?.[0] ?? life.until
      return { kind, from: at - startsAt, to: to - startsAt }
    })
    // How it is in the end counts, though it may be the last look that saw it.
    .filter(({ from, to }, index) => to > from || index === turns.length - 1)
  const { agent, lack } = life
  const gaveUp = agent?.reason?.kind === 'terminal' || agent?.phase === 'failed'
  return {
    id: life.id,
    zone: life.zone,
    bars: merged(bars),
    servedAt: servedAt === null || cameUp === null ? null : servedAt - startsAt,
    note: gaveUp ? (agent.reason?.sentence ?? lack) : servedAt === null && cameUp !== null ? lack : null,
    logs: agent?.logs ?? [],
    pulledBytes: agent?.pull?.total ?? null,
  }
}

function firstServed({ states }: Life): number | null {
  return states.find(([, state]) => state === 'serving')?.[0] ?? null
}

/**
 * When its coming up began, null where that was before the section: it was seen to be launched, or its activity or its
 * agent tell when.
 */
function beginning({ states, launchedAt, agent, side }: Life, startsAt: number): number | null {
  const [first = Number.POSITIVE_INFINITY, state] = states[0] ?? []
  const told = [launchedAt, side === 'new' ? (agent?.startedAt ?? null) : null].filter((at) => at !== null)
  const fresh = told.filter((at) => at >= startsAt - slackMs)
  if (fresh.length > 0) return Math.min(first, ...fresh)
  const coming = state === 'pending' || state === 'booting' || (side === 'new' && state === 'in-service')
  return coming && told.length === 0 ? first : null
}

/** From the launch to the first request, or to where it was given up. */
function comingUp(life: Life, begun: number, servedAt: number | null): Turn[] {
  const { states, agent } = life
  const end = servedAt ?? givenUpAt(life) ?? life.until
  const running = states.find(([, state]) => state !== 'pending')?.[0] ?? end
  const within = (at: number) => Math.min(end, Math.max(begun, at))
  if (agent === null || agent.startedAt > end) {
    const inService = states.find(([, state]) => state === 'in-service')?.[0] ?? end
    return ordered([
      [begun, 'launch'],
      [within(running), 'boot'],
      [within(inService), 'health'],
    ])
  }
  const turns: Turn[] = [
    [begun, 'launch'],
    // A look comes late; an agent that speaks is on a machine that runs.
    [within(Math.min(running, agent.startedAt)), 'boot'],
  ]
  const failed = agent.phase === 'failed' || agent.reason?.kind === 'terminal'
  let at = agent.startedAt
  for (const [kind, phases] of agentKinds) {
    turns.push([within(at), kind])
    // Its last report was of this; what came after it is not known to have been anything else.
    if (!failed && phases.includes(agent.phase)) return ordered(turns)
    at += phases.reduce((sum, phase) => sum + (agent.timings[phase] ?? 0), 0)
  }
  const last = failed ? 'failed' : seenToServe(life) ? 'health' : 'unseen'
  return ordered([...turns, [within(at), last]])
}

/** False where it served already when somebody looked again. */
function seenToServe({ states }: Life): boolean {
  const first = states.findIndex(([, state]) => state === 'serving')
  return first !== 0 && states[first - 1]?.[1] !== 'unseen'
}

/** When it began to leave, or nobody looked any more, before it ever served. */
function givenUpAt({ states }: Life): number | null {
  return (
    states.find(([, state]) => ['ending', 'gone', 'draining', 'standby', 'unseen'].includes(state))?.[0] ??
    null
  )
}

/** All that follows the coming up; of an instance that was there before, all there is. */
function after(life: Life, cameUp: boolean, servedAt: number | null): Turn[] {
  const from = cameUp ? (servedAt ?? givenUpAt(life)) : Number.NEGATIVE_INFINITY
  if (from === null) return []
  let served = !cameUp || servedAt !== null
  let away = false
  return life.states.flatMap(([at, state]): Turn[] => {
    if (state === 'standby') away = true
    if (state === 'serving') [served, away] = [true, false]
    const kind = kindOf(state, served, away)
    return at < from || kind === null ? [] : [[at, kind]]
  })
}

function kindOf(state: string, served: boolean, away: boolean): BarKind | null {
  switch (state) {
    case 'pending':
    case 'booting':
      return away ? 'returning' : 'launch'
    case 'in-service':
      return away ? 'returning' : served ? 'unhealthy' : 'health'
    case 'serving':
      return 'service'
    case 'draining':
    case 'standby':
    case 'ending':
    case 'unseen':
      return state
    default:
      return null
  }
}

function ordered(turns: readonly Turn[]): Turn[] {
  let last = Number.NEGATIVE_INFINITY
  return turns.map(([at, kind]): Turn => {
    last = Math.max(last, at)
    return [last, kind]
  })
}

/** Neighbours of one kind as one bar. */
function merged(bars: readonly Bar[]): Bar[] {
  const result: Bar[] = []
  for (const bar of bars) {
    const last = result.at(-1)
    if (last?.kind === bar.kind && last.to === bar.from) result[result.length - 1] = { ...last, to: bar.to }
    else result.push(bar)
  }
  return result
}
