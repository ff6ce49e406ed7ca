import type { Command } from 'commander'
import { status, type StatusResult } from '../commands/status.ts'
import { formatStatus } from '../status/format.ts'
import type { Host } from './host.ts'
import { insecureRegistry, service, withCommon, withHelp } from './options.ts'
import type { Common } from './options.ts'
import { perform } from './perform.ts'
import type { Task } from './perform.ts'
import { watchOn } from './watch-on.ts'

type Options = Common & { watch: boolean; insecureRegistry: string[] }

export function addStatus(program: Command, host: Host, done: (exitCode: number) => void): void {
  const command = program
    .command('status')
    .summary('show both groups, their instances and the open deployment')
    .description(
      'Show both groups, what each instance does and what the groups did lately, the open deployment and who acts on it; ' +
        'and, while a fleet is parked, whether a rollback would work now and how long it would take. Changes nothing.',
    )
    .argument('<SERVICE>', 'name of the service', service)
    .option(
      '--watch',
      'go on looking until Ctrl-C, or until the deployment under way has come to rest: live on a terminal, else what has changed',
      false,
    )
    .addOption(insecureRegistry())
  withHelp(
    withCommon(command),
    ['switchover status web --watch', 'switchover status web --json | jq .details.groups'],
    [
      '0    shown',
      '1    AWS is out of reach',
      '2    no such service, or credentials refused',
      'with --watch, once a deployment under way has come to rest: as the command that brought it there;',
      '130  Ctrl-C before that',
    ],
  )
  command.action(async (name: string) => {
    done(await perform(host, command, () => taskOf(host, name, command.opts<Options>())))
  })
}

function taskOf(host: Host, name: string, options: Options): Task {
  const { watch: watching, insecureRegistry: insecureRegistries } = options
  const registry = { dockerConfig: host.config.dockerConfig, insecureRegistries }
  const asked = { service: name, registry }
  const task = { doing: `reading the status of ${name}`, question: null }
  if (watching)
    return { ...task, cutShort: false, work: async (ports) => watchOn(host, options, ports, asked) }
  return {
    ...task,
    cutShort: true,
    work: async (ports) => status(ports, asked),
    print: { text: (result) => formatStatus((result as StatusResult).details), silent: true },
  }
}
