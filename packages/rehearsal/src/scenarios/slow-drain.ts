import { ModifyTargetGroupAttributesCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { formatDuration } from '@switchover/contract/duration'
import { groupNames, service } from '../account.ts'
import { ends, greenServesBlueParked, withCommand } from './expectations.ts'
import type { Scenario } from './scenario.ts'

const [blue] = groupNames
const drainS = 30

export const slowDrain: Scenario = {
  name: 'slow-drain',
  summary: 'the load balancer drains old instances for long',
  breaks: `The target group gets a deregistration delay of ${drainS} s: so long may open connections to an instance of ${blue} go on after it has been taken out.`,
  expects: [
    { text: 'Deploy waits out the drain and ends with exit code 0.', ...ends('deploy', 0) },
    {
      text: `All new traffic goes to v2 before the drain, not after it: switched at least ${drainS} s before the end.`,
      look: (seen) =>
        withCommand(seen, 'deploy', ({ switchedMs, tookMs }) => ({
          ok: switchedMs !== null && tookMs - switchedMs >= drainS * 1_000,
          seen: `${switchedMs === null ? 'never switched' : `switched after ${formatDuration(switchedMs)}`}, ended after ${formatDuration(tookMs)}`,
        })),
    },
    greenServesBlueParked,
  ],
  play: async (drill) => {
    await drill.clients.elb.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn: drill.targetGroupArn,
        Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: String(drainS) }],
      }),
    )
    drill.broke(`The deregistration delay is ${drainS} s.`)
    await drill.run(['deploy', service, 'v2'])
  },
}
