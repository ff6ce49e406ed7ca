import { get } from 'node:http'
import type { Clock } from '../clock.ts'
import { answerLimit } from './answer-limit.ts'
import type { Check, CheckResult } from './probe.ts'

/**
 * Health checks over HTTP as an Application Load Balancer makes them: a fresh connection each, one GET, the answer within the timeout.
 * Descriptions as DescribeTargetHealth gives them (ALB guide, target group health checks).
 */
export function httpProbe(clock: Clock): (check: Check & { path: string }) => Promise<CheckResult> {
  return ({ ip, port, path, timeoutMs, okStatus }) =>
    new Promise<CheckResult>((resolve) => {
      const request = get({
        host: ip,
        port,
        path,
        agent: false,
        headers: { 'user-agent': 'ELB-HealthChecker/2.0', connection: 'close' },
      })
      const end = (result: CheckResult) => {
        cancel()
        request.destroy()
        resolve(result)
      }
      const cancel = answerLimit(clock, timeoutMs, () =>
        end({ ok: false, reason: 'Target.Timeout', description: 'Request timed out' }),
      )
      request.on('response', ({ statusCode = 0 }) => {
        if (okStatus(statusCode)) return end({ ok: true })
        const description = `Health checks failed with these codes: [${statusCode}]`
        end({ ok: false, reason: 'Target.ResponseCodeMismatch', description })
      })
      request.on('error', () =>
        end({ ok: false, reason: 'Target.FailedHealthChecks', description: 'Health checks failed' }),
      )
    })
}
