import type { Command } from 'commander'
import { report, type ReportResult } from '../commands/report.ts'
import { timelineText } from '../timeline/text.ts'
import { barPainter } from './bar-colours.ts'
import type { Host } from './host.ts'
import { service, withCommon, withHelp, type Common } from './options.ts'
import { perform, type Task } from './perform.ts'
import { writePage } from './write-page.ts'

type Options = Common & { html?: string }

export function addReport(program: Command, host: Host, done: (exitCode: number) => void): void {
  const command = program
    .command('report')
    .summary('tell the story of one deployment: who took how long, what was waited for')
    .description(
      'Tell the story of one deployment, the open one or the last that ended unless ID says otherwise: every instance ' +
        'from launch to Standby, capacity, the switch, calls, warnings, where the time went and what would save some. ' +
        'Changes nothing.',
    )
    .argument('<SERVICE>', 'name of the service', service)
    .argument('[ID]', 'a deployment, as `switchover history` lists them')
    .option('--html <file>', 'write one self-contained page instead, - for stdout')
  withHelp(
    withCommon(command),
    ['switchover report web', 'switchover report web 20260101-120000-44fd --html web.html'],
    [
      '0    shown, or written',
      '1    AWS is out of reach',
      '2    no such service or deployment, nothing to report yet, FILE cannot be written, or credentials refused',
    ],
  )
  command.action(async (name: string, id: string | undefined) => {
    done(await perform(host, command, () => taskOf(host, name, id ?? null, command.opts<Options>())))
  })
}

function taskOf(host: Host, name: string, id: string | null, options: Options): Task<ReportResult> {
  const { html } = options
  const { stdout, config } = host
  const task = { doing: `reading what is known of ${name}`, question: null, cutShort: true }
  if (html === undefined) {
    const colour = options.color && (config.colour ?? stdout.isTTY === true)
    const text = ({ details }: ReportResult) =>
      timelineText(details.timeline, { width: stdout.columns ?? 80, paint: barPainter(colour) })
    return { ...task, work: async (ports) => report(ports, name, id), print: { text, silent: true } }
  }
  return {
    ...task,
    work: async (ports) => {
      const result = await report(ports, name, id)
      const told = await writePage(host, html, result.details.timeline)
      return { ...result, text: `${result.text} ${told}` }
    },
  }
}
