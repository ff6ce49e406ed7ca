import type { Command } from 'commander'
import { promote } from '../commands/promote.ts'
import { codes, rollBackOf, type Done } from './ending-commands.ts'
import type { Host } from './host.ts'
import { service, withChanging, withCommon, withHelp } from './options.ts'
import type { Changing } from './options.ts'
import { perform } from './perform.ts'

export function addPromote(program: Command, host: Host, done: Done): void {
  const command = program
    .command('promote')
    .summary('go on from a canary to the whole deployment')
    .description(
      'Bring the new group up to what the service needs now, move traffic to it and park the old instances, ' +
        'with the flags that `deploy --canary` was given. `rollback` ends a canary instead.',
    )
    .argument('<SERVICE>', 'name of the service', service)
  withHelp(
    withCommon(withChanging(command)),
    ['switchover promote web', 'switchover promote web --yes --json'],
    ['0    deployed', ...codes],
  )
  command.action(async (name: string) => {
    done(
      await perform(host, command, () => ({
        doing: `promoting the canary of ${name}`,
        question: command.opts<Changing>().yes ? null : `Deploy the canary of ${name} as a whole?`,
        cutShort: false,
        deployment: {
          service: name,
          rollBack: rollBackOf({ service: name, leaseMs: command.opts<Changing>().lease }),
        },
        work: async (ports) => promote(ports, { service: name, leaseMs: command.opts<Changing>().lease }),
      })),
    )
  })
}
