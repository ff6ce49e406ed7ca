import { groupNames, groupState, healthyTargets, service } from '../account.ts'
import { count, ends, inState, greenServesBlueParked } from './expectations.ts'
import type { Scenario } from './scenario.ts'

const [blue, green] = groupNames
/** EC2 gives 120 s. */
const aheadMs = 30_000

export const spot: Scenario = {
  name: 'spot',
  summary: 'EC2 takes a new Spot instance back while it boots',
  // The only one cannot be taken without an outage.
  leastInstances: 2,
  breaks: `While ${green} boots, EC2 tells one of its instances that it is taken back, and takes it 30 seconds later (a real notice comes two minutes ahead).`,
  expects: [
    {
      text: 'Deploy ends with exit code 0; where the instance has left before it counted, its successor is waited for.',
      ...ends('deploy', 0),
    },
    {
      text: `The instance is gone, and ${green} has launched another in its place.`,
      look: ({ before, after, struck }) => {
        const left = struck.filter((id) => id in after.green.instances)
        return {
          ok: struck.length === 1 && left.length === 0 && count(after.green) === count(before.blue),
          seen: `${struck.join() || 'none'} was taken; ${green} has ${Object.keys(after.green.instances).join(', ')}`,
        }
      },
    },
    greenServesBlueParked,
  ],
  play: async (drill) => {
    const { instances } = await groupState(drill.clients, blue)
    const wanted = Object.keys(instances).length
    let victim = ''
    await drill.run(['deploy', service, 'v2'], {
      strike: {
        when: (event) => event.event === 'wait' && event.instances.length > 0,
        act: (event) => {
          if (event.event === 'wait') victim = event.instances[0] ?? ''
          drill.breaks.ec2.spot.interrupt(victim, 'terminate', aheadMs)
          drill.broke(`EC2 sends ${victim} a Spot interruption notice.`, victim)
        },
      },
    })
    drill.say(`Waiting until ${victim} is gone and ${wanted} others serve.`)
    await drill.until(`${wanted} instances other than ${victim} serve`, async () => {
      const healthy = await healthyTargets(drill.clients, drill.targetGroupArn)
      const group = await groupState(drill.clients, green)
      const serving = inState(group, 'InService').filter((id) => healthy.includes(id))
      return !(victim in group.instances) && serving.length >= wanted
    })
  },
}
