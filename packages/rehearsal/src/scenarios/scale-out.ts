import { SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling'
import { groupNames, groupState, service } from '../account.ts'
import { count, ends, greenServesBlueParked } from './expectations.ts'
import type { Scenario } from './scenario.ts'

const [blue, green] = groupNames

export const scaleOut: Scenario = {
  name: 'scale-out',
  summary: 'the live group scales out in the middle of a deployment',
  breaks: `While ${green} boots, ${blue} is asked for one instance more, as a scaling policy does when traffic grows.`,
  expects: [
    { text: `Deploy follows, and ends with exit code 0.`, ...ends('deploy', 0) },
    {
      text: `${green} grows by one too, and ${blue} is parked only then.`,
      look: ({ before, after, sightings }) => {
        const wanted = count(before.blue) + 1
        const leaving = sightings.find(({ group, state }) => group === blue && state === 'draining')
        const ready = sightings.filter(
          ({ group, what, state, at }) =>
            group === green && what === 'health' && state === 'healthy' && at <= (leaving?.at ?? -Infinity),
        )
        return {
          ok: ready.length >= wanted && after.green.desired === wanted,
          seen: `${ready.length} of ${green} healthy before the first of ${blue} left; desired ${after.green.desired}, ${blue} had ${count(before.blue)}`,
        }
      },
    },
    greenServesBlueParked,
  ],
  play: (drill) =>
    drill.run(['deploy', service, 'v2'], {
      strike: {
        when: ({ event }) => event === 'wait',
        act: async () => {
          const { desired } = await groupState(drill.clients, blue)
          await drill.clients.autoScaling.send(
            new SetDesiredCapacityCommand({ AutoScalingGroupName: blue, DesiredCapacity: desired + 1 }),
          )
          drill.broke(`${blue} scales out from ${desired} to ${desired + 1} instances.`)
        },
      },
    }),
}
