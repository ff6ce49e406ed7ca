import { DescribeInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { groupNames, groupState, service } from '../account.ts'
import { count, ends, idleEmptyAgain, inState } from './expectations.ts'
import type { Scenario } from './scenario.ts'

const [blue] = groupNames

export const standbyDies: Scenario = {
  name: 'standby-dies',
  summary: 'an instance of the parked fleet is terminated before the rollback',
  breaks: `After v2 is deployed, one of the parked instances of ${blue} is terminated. Its group checks no instance in Standby: it goes on calling it Healthy.`,
  expects: [
    { text: 'Deploy ends with exit code 0.', ...ends('deploy', 0) },
    {
      text: 'Rollback notices, launches a new one in its place, and ends with exit code 0.',
      ...ends('rollback', 0),
    },
    {
      text: `${blue} serves v1 again with as many instances as before, the surviving ones among them and the dead one not.`,
      look: ({ before, after, healthy, struck }) => {
        const serving = inState(after.blue, 'InService').filter((id) => healthy.includes(id))
        const survivors = Object.keys(before.blue.instances).filter((id) => !struck.includes(id))
        return {
          ok:
            struck.length === 1 &&
            serving.length === count(before.blue) &&
            count(after.blue) === count(before.blue) &&
            survivors.every((id) => serving.includes(id)) &&
            !serving.some((id) => struck.includes(id)),
          seen: `${serving.join(', ')} in service and healthy; ${struck.join() || 'none'} was terminated`,
        }
      },
    },
    idleEmptyAgain,
  ],
  play: async (drill) => {
    await drill.run(['deploy', service, 'v2'])
    const { ec2 } = drill.clients
    const [victim = ''] = inState(await groupState(drill.clients, blue), 'Standby')
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [victim] }))
    drill.broke(`${victim}, parked in ${blue}, is terminated.`, victim)
    await drill.until(`${victim} is gone`, async () => {
      const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [victim] }))
      return Reservations[0]?.Instances?.[0]?.State?.Name === 'terminated'
    })
    const lifecycle = (await groupState(drill.clients, blue)).instances[victim]
    drill.say(`EC2 says that ${victim} is terminated; ${blue} still has it as ${lifecycle ?? 'nothing'}.`)
    await drill.run(['rollback', service])
  },
}
