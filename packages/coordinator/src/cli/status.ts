import type { Command } from 'commander'
import { status, watchStatus, type StatusResult } from '../commands/status.ts'
import { formatStatus } from '../status/format.ts'
import type { Host } from './host.ts'
import { insecureRegistry, service, withCommon, withHelp } from './options.ts'
import type { Common } from './options.ts'
import { perform } from './perform.ts'
import type { Task } from './perform.ts'

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
    .option('--watch', 'show it again whenever it changes, until Ctrl-C', false)
    .addOption(insecureRegistry())
  withHelp(
    withCommon(command),
    ['switchover status web --watch', 'switchover status web --json | jq .details.groups'],
    ['0    shown', '1    AWS is out of reach', '2    no such service, or credentials refused'],
  )
  command.action(async (name: string) => {
    done(await perform(host, command, () => taskOf(host, name, command.opts<Options>())))
  })
}

function taskOf({ stdout, config }: Host, name: string, options: Options): Task<StatusResult> {
  const { watch, json, insecureRegistry: insecureRegistries } = options
  const asked = { service: name, registry: { dockerConfig: config.dockerConfig, insecureRegistries } }
  const task = { doing: `reading the status of ${name}`, question: null }
  if (!watch)
    return {
      ...task,
      cutShort: true,
      work: async (ports) => status(ports, asked),
      print: { text: textOf, silent: true },
    }
  return {
    ...task,
    cutShort: false,
    work: async (ports) =>
      watchStatus(ports, asked, (result) => {
        if (json) ports.emit({ event: 'progress', at: result.at, text: result.text })
        else stdout.write(`${textOf(result)}\n`)
      }),
    print: { text: () => '', silent: true },
  }
}

function textOf({ details }: StatusResult): string {
  return formatStatus(details)
}
