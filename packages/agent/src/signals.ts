import * as z from 'zod'
import type { Clock } from './clock.ts'
import type { Interruption } from './decide/lifecycle.ts'
import type { Imds } from './imds.ts'

/** What Auto Scaling means this instance to become, or null where it has said nothing yet. */
export async function targetLifecycleState(imds: Imds, signal?: AbortSignal): Promise<string | null> {
  const text = await imds.get('meta-data/autoscaling/target-lifecycle-state', signal)
  return text?.trim() ?? null
}

const instant = z.iso.datetime().transform((text) => Date.parse(text))
const instanceAction = z.object({ action: z.string().max(64), time: z.iso.datetime() })
const recommendation = z.object({ noticeTime: instant })

/**
 * EC2's notice that it takes this Spot instance back, null where there is none (EC2 User Guide, "Spot Instance
 * interruption notices").
 * @throws where the answer cannot be read, or none comes
 */
export async function spotInterruption(
  imds: Imds,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Interruption | null> {
  const text = await imds.get('meta-data/spot/instance-action', signal)
  if (text === null) return null
  const { action, time } = instanceAction.parse(JSON.parse(text))
  return { action, time, at: clock.moment(Date.parse(time)) }
}

/**
 * When EC2 recommended to replace this Spot instance, null where it did not (EC2 User Guide, "EC2 instance rebalance
 * recommendations").
 * @throws where the answer cannot be read, or none comes
 */
export async function rebalanceRecommendation(imds: Imds, signal?: AbortSignal): Promise<number | null> {
  const text = await imds.get('meta-data/events/recommendations/rebalance', signal)
  return text === null ? null : recommendation.parse(JSON.parse(text)).noticeTime
}
