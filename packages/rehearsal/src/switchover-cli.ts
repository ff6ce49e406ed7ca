import { execa } from 'execa'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Event } from '@switchover/coordinator/events'

const cli = fileURLToPath(import.meta.resolve('@switchover/coordinator/main'))

export type CliResult = { exitCode: number; events: Event[]; stdout: string; stderr: string }

/**
 * Runs the coordinator as ops would, in a process of its own.
 * With `onEvent` it runs under `--json` and hands over each event as it is printed.
 */
export async function switchover(
  args: readonly string[],
  options: { env: Readonly<Record<string, string>>; signal: AbortSignal; onEvent?: (event: Event) => void },
): Promise<CliResult> {
  const { onEvent } = options
  const child = execa(process.execPath, [cli, ...args, ...(onEvent ? ['--json'] : [])], {
    env: options.env,
    stdin: 'ignore',
    reject: false,
    cancelSignal: options.signal,
    gracefulCancel: false,
    buffer: true,
  })
  const events: Event[] = []
  if (onEvent) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as Event
      events.push(event)
      onEvent(event)
    })
  }
  const result = await child
  return { exitCode: result.exitCode ?? 130, events, stdout: result.stdout, stderr: result.stderr }
}
