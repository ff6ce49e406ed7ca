import { AwsError } from '@switchover/local-aws/wire/operation'
import { groupNames, service } from '../account.ts'
import { ends, endsWithin, idleEmptyAgain, liveUntouched } from './expectations.ts'
import type { Scenario } from './scenario.ts'

const [, green] = groupNames

/** In the words of EC2 (API reference, InsufficientInstanceCapacity). */
const noCapacity = new AwsError(
  'InsufficientInstanceCapacity',
  'We currently do not have sufficient capacity in the Availability Zone you requested',
  500,
)

export const launchFails: Scenario = {
  name: 'launch-fails',
  summary: 'EC2 has no capacity for the new instances',
  breaks: `From now on EC2 has no capacity for any instance of ${green}.`,
  expects: [
    {
      text: 'Deploy fails with exit code 1 once EC2 has refused twice in a row, and says what EC2 said.',
      ...ends('deploy', 1, /no capacity twice in a row.*sufficient capacity/),
    },
    endsWithin('deploy', 120_000),
    liveUntouched,
    idleEmptyAgain,
  ],
  play: async (drill) => {
    drill.breaks.ec2.launchFault = ({ tags }) =>
      tags['aws:autoscaling:groupName'] === green ? noCapacity : null
    drill.broke(`EC2 refuses to launch for ${green}.`)
    await drill.run(['deploy', service, 'v2'])
  },
}
