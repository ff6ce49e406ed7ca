import { goesForward } from '@switchover/contract/deployment'
import {
  allEntering,
  entering,
  inService,
  longestDrain,
  longestSlowStart,
  pending,
  serving,
} from './fleet.ts'
import { healthyAfter, type Boot, type Durations } from './durations.ts'
import type { Foretold } from './predict.ts'
import { covers, unready } from './readiness.ts'
import { switches } from './start.ts'
import type { StepOf } from './step.ts'
import type { World } from './world.ts'

/** One thing that takes time. Milliseconds. `bar`: what coming instances do meanwhile, and how a picture shows them. */
export type Part = Readonly<{ what: string; ms: number; bar?: 'launch' | 'start' | 'health' }>

export type Timeline = Readonly<{
  /** What passes until all new traffic goes to the wanted version, in order; empty where traffic does not move. */
  switched: readonly Part[]
  /** What passes after that, or all of it where traffic does not move. */
  ended: readonly Part[]
  /** Milliseconds from the beginning. */
  switchedMs: number | null
  endedMs: number
}>

/** Assumed, in milliseconds. */
export const assumed = {
  /** One step: a look, a write of the record, a call. */
  step: 400,
  /** From a change of desired capacity to Auto Scaling acting on it. */
  reaction: 5_000,
  /** From InService to the first health check. */
  registration: 2_000,
  /** From desired 0 to EC2's word that a machine is gone. */
  termination: 30_000,
}

/**
 * How long a foretold deployment takes: what waits are for, and how long that is by measured boots, health check and
 * load balancer settings. A wait ends half a look late on average.
 */
export function predictTimes(foretold: Iterable<Foretold>, durations: Durations): Timeline {
  const parts: Part[] = []
  let switchedAt: number | null = null
  let steps = 0
  const flush = () => {
    if (steps > 0) parts.push({ what: `${steps} steps of the coordinator`, ms: steps * assumed.step })
    steps = 0
  }
  for (const { step, world } of foretold) {
    if (step.kind === 'wait') parts.push(...partsOf(world, step, durations))
    else steps += 1
    if (step.kind !== 'mark-switched' || switchedAt !== null || !switches(world.deployment)) continue
    flush()
    switchedAt = parts.length
  }
  flush()
  const [switched, ended] = [parts.slice(0, switchedAt ?? 0), parts.slice(switchedAt ?? 0)]
  const switchedMs = switchedAt === null ? null : total(switched)
  return { switched, ended, switchedMs, endedMs: (switchedMs ?? 0) + total(ended) }
}

function total(parts: readonly Part[]): number {
  return parts.reduce((sum, { ms }) => sum + ms, 0)
}

/** What a wait is for. */
export function partsOf(world: World, step: StepOf<'wait'>, durations: Durations): Part[] {
  if (step.until !== undefined) return [{ what: step.waitingFor, ms: step.until - world.now }]
  const look = { what: 'the next look', ms: durations.pollMs / 2 }
  const drain = drainOf(world, step)
  if (drain !== null) return [{ what: 'drain (deregistration delay)', ms: drain }, look]
  if (world.deployment.goal === 'rollback') return [...goingBack(world, durations), look]
  const forward = goesForward(world.deployment.goal)
  if (forward && !covers(world) && unready(world).length > 0) return [...comingUp(world, durations), look]
  const { coveredAt } = world.deployment.marks
  if (forward && coveredAt !== null && longestSlowStart(world) > 0 && entering(world.old).length === 0)
    return [{ what: 'slow start', ms: longestSlowStart(world) }, look]
  return [{ what: 'termination (assumed)', ms: assumed.termination }, look]
}

/** What is left of a drain, where a wait is for nothing else. Milliseconds. */
function drainOf(world: World, { instances }: StepOf<'wait'>): number | null {
  const delay = longestDrain(world)
  const { parkingAt } = world.deployment
  if (allEntering(world.old, instances)) return Math.max(0, (parkingAt ?? world.now) + delay - world.now)
  return allEntering(world.new, instances) ? delay : null
}

/** With a launch hook an instance joins when it is ready, else it is registered at once and fails checks until then. */
function comingUp({ new: group }: World, { boot, checks }: Durations): Part[] {
  const hooked = group.hooks.launching.length > 0
  const healthy = checks.map(
    (check) => healthyAfter(check, hooked ? 0 : boot.readyMs) - (hooked ? 0 : boot.readyMs),
  )
  return [
    {
      what: `Auto Scaling acts and EC2 launches${how(boot)}`,
      ms: assumed.reaction + boot.launchMs,
      bar: 'launch',
    },
    { what: `boot, from the agent’s start to ready${how(boot)}`, ms: boot.readyMs, bar: 'start' },
    { what: 'registration (assumed)', ms: hooked ? assumed.registration : 0, bar: 'health' },
    { what: 'health check', ms: Math.max(0, ...healthy), bar: 'health' },
  ]
}

/** What comes back runs already, and one good check shows it; what has served since then goes with its drain. */
function goingBack(world: World, { checks }: Durations): Part[] {
  const coming = inService(world.old).length + pending(world.old).length
  if (coming > 0 && serving(world, 'old').length < coming)
    return [
      { what: 'registration (assumed)', ms: assumed.registration },
      { what: 'health check', ms: Math.max(0, ...checks.map((check) => healthyAfter(check, 0))) },
    ]
  return [
    { what: 'drain (deregistration delay)', ms: longestDrain(world) },
    { what: 'termination (assumed)', ms: assumed.termination },
  ]
}

function how({ measuredOn }: Boot): string {
  return measuredOn === null ? ' (assumed)' : ` (as ${measuredOn} took)`
}
