import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { json, text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Usage } from './usage.ts'

const tellUsage = fileURLToPath(new URL('tell-usage.mjs', import.meta.url))

/**
 * Runs one command in a process of its own.
 * @param cli the coordinator as it ships
 * @throws {Error} where it does not end with 0.
 */
export async function measured(
  cli: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Usage> {
  const child: ChildProcess = spawn(
    process.execPath,
    [`--import=${tellUsage}`, cli, ...args, '--yes', '--json'],
    { env: { ...env, PATH: process.env['PATH'] }, stdio: ['ignore', 'pipe', 'pipe', 'pipe'], signal },
  )
  const [, stdout, stderr, told] = child.stdio as Readable[]
  if (!stdout || !stderr || !told) throw new Error('The coordinator was started without its pipes.')
  const [[code], out, err, used] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(stdout),
    text(stderr),
    json(told) as Promise<Usage>,
  ])
  if (code !== 0) {
    const last = out.trimEnd().split('\n').at(-1) ?? ''
    throw new Error(`switchover ${args.join(' ')} ended with ${code}.\n${last}\n${err}`)
  }
  return used
}
