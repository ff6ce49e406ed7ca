import type { Report } from '@switchover/contract/report'
import type { SpotInterruption, SpotNotices } from '../../ec2/spot-notices.ts'
import type { VirtualOptions } from './options.ts'

/** Between the stop of the app and the moment EC2 takes the instance. */
const spareMs = 10_000

/** When the app of an interrupted instance ends, and when its readiness: early enough for the load balancer to see it. */
export function leaving(
  { at }: SpotInterruption,
  { drainMs, checksMs }: VirtualOptions,
): { unreadyAt: number; stopAt: number } {
  const stopAt = at - spareMs
  return { unreadyAt: stopAt - drainMs - checksMs, stopAt }
}

/** What a report says of EC2's notices. */
export function reported({
  interruption,
  rebalanceAt,
}: SpotNotices): Pick<Report, 'interruption' | 'rebalanceRecommended'> {
  return {
    ...(interruption && {
      interruption: { action: interruption.action, at: new Date(interruption.at).toISOString() },
    }),
    ...(rebalanceAt !== null && { rebalanceRecommended: new Date(rebalanceAt).toISOString() }),
  }
}
