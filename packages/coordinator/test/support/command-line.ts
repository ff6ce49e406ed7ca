import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { eventSchema } from '@switchover/contract/event'
import { run } from '../../src/cli/program.ts'
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
    dockerConfig?: string
    pollMs?: number
    interrupt?: AbortSignal
  },
): Promise<Said> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const tty = around.answer === undefined ? {} : { isTTY: true }
  if (around.answer !== undefined) stdin.write(around.answer)
  const host: Host = {
    stdin: Object.assign(stdin, tty),
    stdout,
    stderr: Object.assign(stderr, tty),
    config: {
      dockerConfig: around.dockerConfig ?? '/nonexistent',
      noColour: true,
      pollMs: around.pollMs ?? 1_000,
    },
    clock: around.clock ?? systemClock,
    random: () => 0.5,
    owner: 'tester',
    directory: around.directory,
    connect: () => {
      if (!around.clients) throw new Error('Region is missing')
      return around.clients
    },
    interrupt: () => around.interrupt ?? new AbortController().signal,
  }
  const exitCode = await run(host, argv)
  stdout.end()
  stderr.end()
  return { exitCode, stdout: await text(stdout), stderr: await text(stderr) }
}
