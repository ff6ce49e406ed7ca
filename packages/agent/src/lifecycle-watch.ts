import {
  isEnd,
  nextInterruption,
  nextParking,
  nextWarm,
  withdrawalAt,
  type Interruption,
} from './decide/lifecycle.ts'
import { errorText } from './failure.ts'
import type { Knowledge } from './knowledge.ts'
import type { Parts } from './parts.ts'
import { rebalanceRecommendation, spotInterruption, targetLifecycleState } from './signals.ts'
import type { Status } from './status.ts'
import type { Waker } from './waker.ts'

const pollMs = 5_000
/** Where nothing is announced there is nothing to wait for but news. */
const idleMs = 600_000

export type LifecycleEvents = {
  parkingChanged(): void
  /** Into the warm pool, or out of it into service. */
  warmChanged(): void
  terminated(): void
  /** Another notice of interruption, or none any more. */
  interruptionChanged(): void
}

/** What the polls change. */
export type Watched = { parts: Parts; knowledge: Knowledge; status: Status; events: LifecycleEvents }

/**
 * Asks every 5 s what Auto Scaling and EC2 mean this machine to become: for Standby it is the only signal there is. An
 * answer that does not come leaves what was known.
 */
export async function watchLifecycle(watched: Watched, stop: AbortSignal): Promise<void> {
  let silent = false
  while (!stop.aborted) {
    silent = await pollLifecycle(watched, silent)
    await watched.parts.clock.sleep(pollMs, stop)
  }
}

/**
 * One poll. Returns whether the metadata service was silent, which is logged once; what it does not say now need not be
 * asked twice.
 */
export async function pollLifecycle(
  watched: Watched,
  wasSilent: boolean,
  signal?: AbortSignal,
): Promise<boolean> {
  const { imds, clock, log } = watched.parts
  try {
    noteTarget(watched, await targetLifecycleState(imds, signal))
    noteInterruption(watched, await spotInterruption(imds, clock, signal))
    noteRebalance(watched, await rebalanceRecommendation(imds, signal))
    return false
  } catch (error) {
    if (!wasSilent) log.warn(`What becomes of this machine cannot be read: ${errorText(error)}`)
    return true
  }
}

function noteTarget({ parts, knowledge, events }: Watched, target: string | null): void {
  if (isEnd(target)) events.terminated()
  const warm = nextWarm(knowledge.warm, target)
  if (warm !== knowledge.warm) {
    knowledge.warm = warm
    events.warmChanged()
  }
  const parking = nextParking(knowledge.parking, target, parts.clock.now())
  if (parking.since === knowledge.parking.since) return
  knowledge.parking = parking
  parts.log.info(parking.since === null ? 'Back in service.' : 'Parked: the instance is in Standby.')
  events.parkingChanged()
}

function noteInterruption({ parts, knowledge, status, events }: Watched, answer: Interruption | null): void {
  const before = knowledge.interruption
  const notice = nextInterruption(before, answer, knowledge.ending, parts.clock.now())
  if (notice?.time === before?.time && notice?.action === before?.action) return
  knowledge.interruption = notice
  if (notice === null) parts.log.info('EC2 no longer takes this Spot instance back.')
  else parts.log.warn(`EC2 takes this Spot instance back (${notice.action}) at ${notice.time}.`)
  status.notice(notice, status.rebalanceAt)
  events.interruptionChanged()
}

/** A recommendation changes nothing here: replacing the instance is its group's affair (capacity rebalancing). */
function noteRebalance({ parts, knowledge, status }: Watched, at: number | null): void {
  if (at !== null && at !== status.rebalanceAt) {
    parts.log.info(`EC2 recommended at ${new Date(at).toISOString()} to replace this Spot instance.`)
  }
  status.notice(knowledge.interruption, at)
}

/** Calls `due` at the moment an announced interruption ends readiness. `news` wakes it where a notice changed. */
export async function awaitInterruption(
  { clock }: Parts,
  knowledge: Knowledge,
  news: Waker,
  due: () => void,
  stop: AbortSignal,
): Promise<void> {
  stop.addEventListener('abort', () => news.wake())
  while (!stop.aborted) {
    const { interruption, plan, ending } = knowledge
    if (interruption === null || ending !== null) {
      await news.wait(idleMs)
      continue
    }
    // Without a plan nothing runs yet that requests could reach.
    const leftMs = plan === null ? pollMs : withdrawalAt(interruption, plan.settings) - clock.now()
    if (leftMs <= 0) due()
    else await news.wait(Math.min(leftMs, pollMs))
  }
}
