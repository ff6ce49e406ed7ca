import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { buildCoordinator } from '../../packages/coordinator/build.ts'
import type { Event } from '@switchover/coordinator/events'

const root = fileURLToPath(new URL('../..', import.meta.url))
const directory = `${root}.cache/test/coordinator`
const bundle = `${directory}/switchover.mjs`

/** As it ships it starts three times as fast as the source tree, and these tests start hundreds of processes. */
export async function bundleCoordinator(): Promise<void> {
  await buildCoordinator(directory)
}

export type Ended = { code: number | null; signal: NodeJS.Signals | null; events: Event[]; stderr: string }

export type Running = { process: ChildProcess; ended: Promise<Ended> }

/** Starts the coordinator in a process of its own, under `--json`. */
export function start(args: readonly string[], env: Readonly<Record<string, string>>): Running {
  const child = spawn(process.execPath, [bundle, ...args, '--json'], {
    env: { ...env, PATH: process.env['PATH'], HOME: '/nonexistent' },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: root,
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    events: eventsOf(stdout),
    stderr,
  }))
  return { process: child, ended }
}

export function run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  return start(args, env).ended
}

/** A process that was killed may leave half a line. */
function eventsOf(stdout: string): Event[] {
  const whole = stdout.slice(0, stdout.lastIndexOf('\n') + 1)
  return whole
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Event)
}
