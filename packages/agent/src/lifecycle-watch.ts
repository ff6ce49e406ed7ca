import { nextParking } from './decide/lifecycle.ts'
import { errorText } from './failure.ts'
import { targetLifecycleState } from './identity.ts'
import type { Knowledge } from './knowledge.ts'
import type { Parts } from './parts.ts'

const pollMs = 5_000

export type LifecycleEvents = { parkingChanged(): void; terminated(): void }

/**
 * Asks every 5 s what Auto Scaling means this machine to become: for Standby it is the only signal there is. An answer
 * that does not come leaves what was known.
 */
export async function watchLifecycle(
  parts: Parts,
  knowledge: Knowledge,
  events: LifecycleEvents,
  stop: AbortSignal,
): Promise<void> {
  let silent = false
  while (!stop.aborted) {
    silent = await pollLifecycle(parts, knowledge, events, silent)
    await parts.clock.sleep(pollMs, stop)
  }
}

/** One poll. Returns whether the metadata service was silent, which is logged once. */
export async function pollLifecycle(
  parts: Parts,
  knowledge: Knowledge,
  events: LifecycleEvents,
  wasSilent: boolean,
): Promise<boolean> {
  let target: string | null
  try {
    target = await targetLifecycleState(parts.imds)
  } catch (error) {
    if (!wasSilent) parts.log.warn(`The target lifecycle state cannot be read: ${errorText(error)}`)
    return true
  }
  if (target === 'Terminated') events.terminated()
  const parking = nextParking(knowledge.parking, target, parts.clock.now())
  if (parking.since !== knowledge.parking.since) {
    knowledge.parking = parking
    parts.log.info(parking.since === null ? 'Back in service.' : 'Parked: the instance is in Standby.')
    events.parkingChanged()
  }
  return false
}
