import { execa } from 'execa'
import type { Clock } from '../clock.ts'
import type { Plan } from '../decide/observation.ts'
import { retryable } from '../decide/reason.ts'
import { Failure } from '../failure.ts'
import type { Log } from '../log.ts'
import { redact } from '../redact.ts'

export type Compose = {
  /** Starts the project as its file says, from local images alone. @throws {Failure} */
  up(project: string, plan: Plan, signal: AbortSignal): Promise<void>
  /** Stops the named services, all where none is named. @throws {Failure} */
  stop(project: string, plan: Plan, services: readonly string[], signal?: AbortSignal): Promise<void>
}

const upMs = 10 * 60_000
const stopMs = 5 * 60_000
const tailMax = 20

/** Docker compose of version 2 or later, with an environment of its own: nothing of the agent's leaks into the app. */
export function dockerCompose(options: {
  env: Readonly<Record<string, string>>
  log: Log
  clock: Clock
}): Compose {
  const { env, log, clock } = options

  async function run(
    project: string,
    plan: Plan,
    args: readonly string[],
    limits: AbortSignal[],
  ): Promise<void> {
    const tail: string[] = []
    const child = execa(
      'docker',
      ['compose', '-p', project, '-f', plan.composeFile, '--project-directory', plan.directory, ...args],
      {
        cwd: plan.directory,
        env: { ...env },
        extendEnv: false,
        stdin: 'ignore',
        all: true,
        buffer: false,
        reject: false,
        cancelSignal: AbortSignal.any(limits),
        forceKillAfterDelay: 5_000,
      },
    )
    for await (const line of child.iterable({ from: 'all' })) {
      const text = redact(line).trim()
      if (text === '') continue
      log.info(`compose: ${text}`)
      tail.push(text)
      if (tail.length > tailMax) tail.shift()
    }
    const result = await child
    if (!result.failed) return
    const last = tail.at(-1) ?? result.shortMessage
    const cause = result.isCanceled ? 'was ended' : `failed with exit code ${result.exitCode ?? 'none'}`
    throw new Failure(
      retryable('compose-failed', `docker compose ${args[0] ?? ''} ${cause}: ${redact(last ?? 'no output')}`),
    )
  }

  return {
    up: (project, plan, signal) =>
      run(
        project,
        plan,
        ['up', '-d', '--pull', 'never', '--no-build', '--remove-orphans'],
        [signal, clock.deadline(upMs)],
      ),
    stop: (project, plan, services, signal) =>
      run(project, plan, ['stop', ...services], [...(signal ? [signal] : []), clock.deadline(stopMs)]),
  }
}
