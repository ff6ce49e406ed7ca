import type { Command } from 'commander'
import { history } from '../commands/history.ts'
import { formatHistory } from '../history/format.ts'
import type { Host } from './host.ts'
import { service, withCommon, withHelp } from './options.ts'
import { perform } from './perform.ts'

export function addHistory(program: Command, host: Host, done: (exitCode: number) => void): void {
  const command = program
    .command('history')
    .summary('list the deployments that have ended')
    .description(
      'List the deployments of a service that have ended, newest first: from which version to which, how it ended, how long ' +
        'traffic took to switch. Changes nothing.',
    )
    .argument('<SERVICE>', 'name of the service', service)
  withHelp(
    withCommon(command),
    ['switchover history web', "switchover history web --json | jq '.details.deployments[0]'"],
    ['0    shown', '1    AWS is out of reach', '2    no such service, or credentials refused'],
  )
  command.action(async (name: string) => {
    done(
      await perform(host, command, () => ({
        doing: `reading the history of ${name}`,
        question: null,
        cutShort: true,
        work: async (ports) => history(ports, name),
        print: { text: ({ details }) => formatHistory(details), silent: false },
      })),
    )
  })
}
