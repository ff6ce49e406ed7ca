/** One health check of one target, as a load balancer makes it. */
export type Check = Readonly<{
  ip: string
  port: number
  /** Asked for over HTTP; null: a connection is all that is wanted. */
  path: string | null
  timeoutMs: number
  okStatus: (status: number) => boolean
}>

/** Reasons are the ones DescribeTargetHealth gives. */
export type CheckResult =
  | { ok: true }
  | {
      ok: false
      reason: 'Target.ResponseCodeMismatch' | 'Target.Timeout' | 'Target.FailedHealthChecks'
      description: string
    }

/** Over HTTP for real targets; answered by the model for virtual ones in a simulation. */
export type Probe = (check: Check) => Promise<CheckResult>
