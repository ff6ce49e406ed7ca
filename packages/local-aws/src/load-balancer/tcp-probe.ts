import { connect } from 'node:net'
import type { Clock } from '../clock.ts'
import { answerLimit } from './answer-limit.ts'
import type { Check, CheckResult } from './probe.ts'

/** Health checks over TCP: good once the connection stands, which is closed at once (NLB and CLB guides, health checks). */
export function tcpProbe(clock: Clock): (check: Omit<Check, 'path'>) => Promise<CheckResult> {
  return ({ ip, port, timeoutMs }) =>
    new Promise<CheckResult>((resolve) => {
      const socket = connect({ host: ip, port })
      const end = (result: CheckResult) => {
        cancel()
        socket.destroy()
        resolve(result)
      }
      const cancel = answerLimit(clock, timeoutMs, () =>
        end({ ok: false, reason: 'Target.Timeout', description: 'Request timed out' }),
      )
      socket.on('connect', () => end({ ok: true }))
      socket.on('error', () =>
        end({ ok: false, reason: 'Target.FailedHealthChecks', description: 'Health checks failed' }),
      )
    })
}
