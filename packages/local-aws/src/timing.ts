/** How long AWS takes for what it does in the background. Milliseconds of the cloud's clock; each is varied by ±50 %. */
export type Timing = Readonly<{
  /** From a change of a group to the group acting on it. */
  reactMs: number
  /** Between looks at instance health where nothing else happened. */
  healthCheckMs: number
  /** Each in-between state of an instance with nothing to wait for, Pending:Proceed for example. */
  stateMs: number
  /** From ExitStandby to InService. */
  exitStandbyMs: number
  /** Until an activity that failed to launch is tried again. */
  launchRetryMs: number
  /** Until a target's registration is done and its first check is made. */
  registrationMs: number
  /** The same at a Network Load Balancer. */
  networkRegistrationMs: number
  /** Until the tags of an instance are seen by others. */
  tagLagMs: number
  /** Until an instance's metadata service tells where its group moves it. */
  metadataLagMs: number
  /** How long a terminated instance stays listed. */
  terminatedListedMs: number
}>

/**
 * Latencies as seen on AWS; `terminatedListedMs` as the EC2 user guide says ("about an hour"), `networkRegistrationMs` as the
 * NLB guide does ("a few minutes"). How late metadata are is not documented; that they are is.
 */
export const awsTiming: Timing = {
  reactMs: 5_000,
  healthCheckMs: 15_000,
  stateMs: 1_000,
  exitStandbyMs: 5_000,
  launchRetryMs: 30_000,
  registrationMs: 2_000,
  networkRegistrationMs: 120_000,
  tagLagMs: 5_000,
  metadataLagMs: 1_000,
  terminatedListedMs: 3_600_000,
}

/** `ms` ± 50 %. */
export function varied(ms: number, random: () => number): number {
  return Math.round(ms * (0.5 + random()))
}
