import type { MeasuredDurations } from '@switchover/contract/deployment'
import type { Phase, Report } from '@switchover/contract/report'

/** How long machines and load balancers take, as far as it can be known before. All times in milliseconds. */
export type Durations = MeasuredDurations &
  Readonly<{ /** Between two looks of the coordinator. */ pollMs: number }>

export type Boot = MeasuredDurations['boot']
export type HealthCheck = MeasuredDurations['checks'][number]

/** Of a small instance with a small image, where nothing was measured. */
export const assumedBoot: Boot = { launchMs: 20_000, readyMs: 60_000, measuredOn: null }

/** No agent begins later than this; what says so was measured on an agent that was started anew. */
const longestLaunchMs = 600_000

const bootPhases: readonly Phase[] = [
  'booting',
  'identifying',
  'resolving',
  'pulling',
  'retagging',
  'starting',
  'verifying',
]

/** `writtenAt`, milliseconds since the epoch. */
type Timed = Readonly<{ instanceId: string; timings: Report['timings']; writtenAt: number }>

/**
 * The slowest boot among instances that became ready: a fleet is ready when its last instance is. The report gives what
 * the agent took; when it began follows from all it has spent since.
 * @param launchedAt when EC2 launched each, milliseconds since the epoch
 */
export function measuredBoot(reports: Iterable<Timed>, launchedAt: ReadonlyMap<string, number>): Boot {
  let slowest: Boot | null = null
  for (const { instanceId, timings, writtenAt } of reports) {
    if (timings.ready === undefined) continue
    const readyMs = bootPhases.reduce((sum, phase) => sum + (timings[phase] ?? 0), 0)
    const spent = Object.values(timings).reduce((sum, ms) => sum + ms, 0)
    const launched = launchedAt.get(instanceId)
    const launchMs = launched === undefined ? -1 : writtenAt - spent - launched
    const plausible = launchMs >= 0 && launchMs <= longestLaunchMs
    const boot = {
      launchMs: plausible ? launchMs : assumedBoot.launchMs,
      readyMs,
      measuredOn: instanceId,
    }
    if (slowest === null || boot.launchMs + readyMs > slowest.launchMs + slowest.readyMs) slowest = boot
  }
  return slowest ?? assumedBoot
}

/** Milliseconds from a target's registration to healthy, when it is to be ready `readyMs` after it. */
export function healthyAfter(check: HealthCheck, readyMs: number): number {
  // Checks come at any moment: on average half an interval passes until the next.
  const first = check.intervalMs / 2
  const failed = readyMs >= check.unhealthyThreshold * check.intervalMs
  const needed = failed || !check.oneIsEnough ? check.healthyThreshold : 1
  return readyMs + first + (needed - 1) * check.intervalMs
}
