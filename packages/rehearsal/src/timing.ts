import type { Timing } from '@switchover/local-aws/timing'

/**
 * Shorter than AWS takes in the background, so that a rehearsal is a matter of minutes; each is varied by ±50 %.
 * Health checks, drain and boot are not shortened by this.
 */
export const brisk: Partial<Timing> = {
  reactMs: 500,
  stateMs: 200,
  exitStandbyMs: 500,
  registrationMs: 200,
  healthCheckMs: 5_000,
  launchRetryMs: 5_000,
}
