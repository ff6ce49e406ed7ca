import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { eventSchema } from '@switchover/contract/event'
import { run } from '../../src/cli/program.ts'
import { Interrupt } from '../../src/cli/interrupt.ts'
import type { Config } from '../../src/config.ts'
import type { Event } from '../../src/events.ts'
import type { Host } from '../../src/cli/host.ts'
import type { AwsClients } from '../../src/aws/clients.ts'
import { systemClock } from '../../src/clock.ts'
import type { Clock } from '../../src/clock.ts'

/** What a command line printed under `--json`: each line an event as docs/events.md has it. */
export function eventsOf({ stdout }: Said): Event[] {
  const lines = stdout.split('\n').filter((line) => line !== '')
  return lines.map((line) => eventSchema.parse(JSON.parse(line)))
}

export type Said = { exitCode: number; stdout: string; stderr: string }

/** Runs one command line in this process, off a terminal unless `answer` is given, which is typed there. */
export async function commandLine(
  argv: readonly string[],
  around: {
    directory: string
    clients?: AwsClients
    clock?: Clock
    answer?: string
    /** A terminal on which keys are typed later, of 80 columns and 24 rows. */
    keys?: PassThrough
    config?: Partial<Config>
    interrupt?: Interrupt
  },
): Promise<Said> {
  const [stdin, stdout, stderr] = [around.keys ?? new PassThrough(), new PassThrough(), new PassThrough()]
  const { interrupt = new Interrupt() } = around
  const atTerminal = around.answer !== undefined || around.keys !== undefined
  const tty = atTerminal ? { isTTY: true, columns: 80, rows: 24 } : {}
  if (around.answer !== undefined) stdin.write(around.answer)
  const host: Host = {
    stdin: Object.assign(stdin, tty),
    stdout: Object.assign(stdout, around.keys === undefined ? {} : tty),
    stderr: Object.assign(stderr, tty),
    config: {
      dockerConfig: '/nonexistent',
      colour: false,
      dumb: false,
      unicode: true,
      pollMs: 1_000,
      ...around.config,
    },
    clock: around.clock ?? systemClock,
    random: () => 0.5,
    owner: 'tester',
    directory: around.directory,
    connect: () => {
      if (!around.clients) throw new Error('Region is missing')
      return around.clients
    },
    interrupt,
  }
  const exitCode = await run(host, argv)
  stdout.end()
  stderr.end()
  return { exitCode, stdout: await text(stdout), stderr: await text(stderr) }
}
