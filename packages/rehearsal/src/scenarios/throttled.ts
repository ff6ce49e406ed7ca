import { refusal } from '@switchover/local-aws/wire/dispatch'
import type { Intercept } from '@switchover/local-aws/wire/intercept'
import { AwsError } from '@switchover/local-aws/wire/operation'
import { service } from '../account.ts'
import { ends, greenServesBlueParked } from './expectations.ts'
import type { Scenario } from './scenario.ts'

/** Of these AWS slows down a whole account at once; S3 has limits of its own. */
const throttledServices = new Set(['autoscaling', 'ec2', 'elasticloadbalancing'])

/** Calls a service takes at once, and how many more a second: a bucket of tokens, as EC2 and Auto Scaling have them (EC2 API throttling). */
const burst = 3
const perSecond = 2

/**
 * Lets coordinators make only so many calls of a service, and tells of each that is refused. Nobody else is slowed down.
 * @param now milliseconds
 */
export function throttling(now: () => number, onRefused: () => void): Intercept {
  const buckets = new Map<string, { tokens: number; at: number }>()
  return async ({ service: of }, proceed, request) => {
    const coordinator = request.headers['user-agent']?.includes('switchover/') ?? false
    if (!coordinator || !throttledServices.has(of)) return proceed()
    const at = now()
    const before = buckets.get(of) ?? { tokens: burst, at }
    const tokens = Math.min(burst, before.tokens + ((at - before.at) / 1_000) * perSecond)
    buckets.set(of, { tokens: tokens >= 1 ? tokens - 1 : tokens, at })
    if (tokens >= 1) return proceed()
    onRefused()
    const code = of === 'ec2' ? 'RequestLimitExceeded' : 'Throttling'
    return refusal(request, new AwsError(code, 'Rate exceeded', of === 'ec2' ? 503 : 400))
  }
}

export const throttled: Scenario = {
  name: 'throttled',
  summary: 'AWS refuses calls of the coordinator with "Rate exceeded"',
  breaks: `From the first step on AWS takes ${perSecond} calls a second of each of its services from the coordinator and refuses the others with "Rate exceeded", as where much else uses the same account.`,
  expects: [
    { text: 'Deploy goes on, more slowly, and ends with exit code 0.', ...ends('deploy', 0) },
    greenServesBlueParked,
  ],
  play: async (drill) => {
    let refused = 0
    await drill.run(['deploy', service, 'v2'], {
      strike: {
        when: ({ event }) => event === 'step',
        act: () => {
          drill.breaks.intercept(
            throttling(
              () => performance.now(),
              () => (refused += 1),
            ),
          )
          drill.broke('AWS throttles the coordinator.')
        },
      },
    })
    drill.breaks.intercept(null)
    if (refused === 0) throw new Error('AWS had no call to refuse: nothing was rehearsed.')
    drill.say(`AWS refused ${refused} calls.`)
  },
}
