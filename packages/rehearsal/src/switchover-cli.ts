import { execa } from 'execa'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Event } from '@switchover/contract/event'

const cli = fileURLToPath(import.meta.resolve('@switchover/coordinator/main'))

/** `exitCode` is null where the process was killed. */
export type CliResult = { exitCode: number | null; events: Event[]; stdout: string; stderr: string }

/**
 * Runs the coordinator as ops would, in a process of its own.
 * With `onEvent` it runs under `--json` and hands over each event as it is printed.
 */
export async function switchover(
  args: readonly string[],
  options: {
    env: Readonly<Record<string, string>>
    signal: AbortSignal
    /** Ends the process with SIGKILL, as a machine that goes down does. */
    kill?: AbortSignal
    onEvent?: (event: Event) => void
  },
): Promise<CliResult> {
  const { onEvent, kill } = options
  const child = execa(process.execPath, [cli, ...args, ...(onEvent ? ['--json'] : [])], {
    env: options.env,
    stdin: 'ignore',
    reject: false,
    cancelSignal: options.signal,
    gracefulCancel: false,
    buffer: true,
  })
  kill?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true })
  const events: Event[] = []
  if (onEvent) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      // A process that was killed may leave half a line.
      if (kill?.aborted === true) return
      const event = JSON.parse(line) as Event
      events.push(event)
      onEvent(event)
    })
  }
  const result = await child
  return {
    exitCode: result.exitCode ?? (kill?.aborted === true ? null : 130),
    events,
    stdout: result.stdout,
    stderr: result.stderr,
  }
}
