import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { buildCoordinator } from '../../packages/coordinator/build.ts'
import { eventSchema } from '@switchover/contract/event'
import type { Event } from '@switchover/coordinator/events'

const root = fileURLToPath(new URL('../..', import.meta.url))
const directory = `${root}.cache/test/coordinator`
/** The coordinator as it ships, once it has been bundled. */
export const coordinatorCli = `${directory}/switchover.mjs`

/** As it ships it starts three times as fast as the source tree, and these tests start hundreds of processes. */
export async function bundleCoordinator(): Promise<void> {
  await buildCoordinator(directory)
}

export type Ended = { code: number | null; signal: NodeJS.Signals | null; events: Event[]; stderr: string }

const running = new Set<ChildProcess>()

/** Kills every coordinator that was started here and still runs. */
export function endRunning(): void {
  for (const child of running) child.kill('SIGKILL')
}

export type Running = { process: ChildProcess; ended: Promise<Ended> }

/** Starts the coordinator in a process of its own, under `--json`. */
export function start(args: readonly string[], env: Readonly<Record<string, string>>): Running {
  const child = spawn(process.execPath, [coordinatorCli, ...args, '--json'], {
    env: { ...env, PATH: process.env['PATH'], HOME: '/nonexistent' },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: root,
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    events: eventsOf(stdout, code as number | null),
    stderr,
  }))
  return { process: child, ended }
}

export function run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  return start(args, env).ended
}

/**
 * Every line is an event as docs/events.md has it, and the last one of a command that was not killed the only result.
 * A process that was killed may leave half a line.
 */
function eventsOf(stdout: string, code: number | null): Event[] {
  const whole = stdout.slice(0, stdout.lastIndexOf('\n') + 1)
  const events = whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => eventSchema.parse(JSON.parse(line)))
  if (code === null) return events
  const results = events.filter((event) => event.event === 'result')
  const last = events.at(-1)
  if (results.length !== 1 || last?.event !== 'result' || last.exitCode !== code)
    throw new Error(
      `A command that ends with ${code} ends with one result that says so; it printed ${stdout}`,
    )
  return events
}
