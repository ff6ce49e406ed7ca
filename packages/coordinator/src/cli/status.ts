import type { Command } from 'commander'
import { status } from '../commands/status.ts'
import { formatStatus } from '../status/format.ts'
import type { Host } from './host.ts'
import { service, withCommon, withHelp } from './options.ts'
import { perform } from './perform.ts'

export function addStatus(program: Command, host: Host, done: (exitCode: number) => void): void {
  const command = program
    .command('status')
    .summary('show both groups, their instances and the open deployment')
    .description(
      'Show both groups, what each instance does, the open deployment and who acts on it. Changes nothing.',
    )
    .argument('<SERVICE>', 'name of the service', service)
  withHelp(
    withCommon(command),
    ['switchover status web', 'switchover status web --json | jq .details.groups'],
    ['0    shown', '1    AWS is out of reach', '2    no such service, or credentials refused'],
  )
  command.action(async (name: string) => {
    done(
      await perform(host, command, () => ({
        doing: `reading the status of ${name}`,
        question: null,
        cutShort: true,
        work: async (ports) => status(ports, name),
        print: { text: (result) => formatStatus(result.details), silent: true },
      })),
    )
  })
}
