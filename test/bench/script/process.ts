import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Usage } from '../usage.ts'
import { residentBytes } from '../resident.ts'

/** The AWS CLI that the PATH names, null where there is none. */
export async function findAws(): Promise<string | null> {
  for (const directory of (process.env['PATH'] ?? '').split(':')) {
    const file = join(directory, 'aws')
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return file
  }
  return null
}

/** Milliseconds between looks at the memory of the script and of what it runs. */
const everyMs = 50

/**
 * Runs a script and tells what it and everything it ran used.
 * @throws {Error} where it does not end with 0.
 */
export async function measuredScript(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Usage> {
  // The shell itself knows the processor time of all that it waited for.
  const wrapper = '"$@"; code=$?; times >&3; exit $code'
  const child = spawn('bash', ['-c', wrapper, 'bash', file, ...args], {
    env: { ...env, PATH: process.env['PATH'] },
    stdio: ['ignore', 'inherit', 'pipe', 'pipe'],
    signal,
  })
  const [, , stderr, told] = child.stdio as Readable[]
  if (!stderr || !told || child.pid === undefined)
    throw new Error('The script was started without its pipes.')
  const closed = once(child, 'close') as Promise<[number | null]>
  const output = Promise.all([closed, text(stderr), text(told)])
  let memoryBytes = 0
  while (child.exitCode === null && child.signalCode === null) {
    memoryBytes = Math.max(memoryBytes, await residentBytes(child.pid))
    await Promise.race([closed, sleep(everyMs)])
  }
  const [[code], errors, times] = await output
  if (code !== 0) throw new Error(`${file} ended with ${code}.\n${errors}`)
  return { memoryBytes, cpuMs: cpuOf(times) }
}

/** `0m0.005s 0m0.002s` of the shell, and on the second line of its children: milliseconds. */
export function cpuOf(times: string): number {
  const parts = [...times.matchAll(/(\d+)m([\d.]+)s/g)]
  if (parts.length !== 4) throw new Error(`"times" printed something else: ${times}`)
  return parts.reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1_000,
    0,
  )
}
