import { writeFile } from 'node:fs/promises'
import { execa } from 'execa'
import type { Clock } from '../clock.ts'
import type { ComposeCommand } from '../decide/compose.ts'
import type { Plan } from '../decide/observation.ts'
import { retryable } from '../decide/reason.ts'
import { errorText, Failure } from '../failure.ts'
import type { Log } from '../log.ts'
import { redact } from '../redact.ts'
import { findCompose } from './find-compose.ts'

export type Compose = {
  /** Looks, once, which compose this machine has. @throws {Failure} terminal where it has none that can be used */
  find(): Promise<void>
  /**
   * Starts the named services as their file says and touches no other, all where none is named, from local images alone.
   * @throws {Failure}
   */
  up(project: string, plan: Plan, services: readonly string[], signal: AbortSignal): Promise<void>
  /** Stops the named services, all where none is named. @throws {Failure} */
  stop(project: string, plan: Plan, services: readonly string[], signal?: AbortSignal): Promise<void>
}

const upMs = 10 * 60_000
const stopMs = 5 * 60_000

type Options = { env: Readonly<Record<string, string>>; log: Log; clock: Clock }

/** Docker compose, with an environment of its own: nothing of the agent's leaks into the app. */
export function dockerCompose(options: Options): Compose {
  const { env, log, clock } = options
  let looking: Promise<ComposeCommand> | null = null

  function found(): Promise<ComposeCommand> {
    looking ??= look().catch((error: unknown) => {
      looking = null
      throw error
    })
    return looking
  }

  async function look(): Promise<ComposeCommand> {
    const command = await findCompose(env)
    log.info(`Compose of this machine: ${command.name}.`)
    return command
  }

  return {
    find: async () => {
      await found()
    },
    up: async (project, plan, services, signal) => {
      const { argv, dialect } = await found()
      const limit = AbortSignal.any([signal, clock.deadline(upMs)])
      const files = dialect === 'v1' ? [plan.composeFile, await neverPull(plan)] : [plan.composeFile]
      const never = dialect === 'v1' ? [] : ['--pull', 'never']
      // Compose would bring those they depend on as well, and make anew what another version of it had made.
      const alone = services.length > 0 ? ['--no-deps'] : []
      const args = ['up', '-d', ...never, '--no-build', '--remove-orphans', ...alone, ...services]
      return run(options, argv, { name: project, directory: plan.directory, files }, args, limit)
    },
    stop: async (project, plan, services, signal) => {
      const { argv } = await found()
      const limit = AbortSignal.any([...(signal ? [signal] : []), clock.deadline(stopMs)])
      const files = [plan.composeFile]
      return run(
        options,
        argv,
        { name: project, directory: plan.directory, files },
        ['stop', ...services],
        limit,
      )
    },
  }
}

/** Runs compose on a project, its output into the journal. @throws {Failure} with the last line it wrote */
async function run(
  { env, log }: Options,
  [program, ...first]: ComposeCommand['argv'],
  project: { name: string; directory: string; files: readonly string[] },
  args: readonly string[],
  limit: AbortSignal,
): Promise<void> {
  const { name, directory, files } = project
  const where = ['-p', name, ...files.flatMap((file) => ['-f', file]), '--project-directory', directory]
  const child = execa(program, [...first, ...where, ...args], {
    cwd: directory,
    env: { ...env },
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    buffer: false,
    reject: false,
    cancelSignal: limit,
    forceKillAfterDelay: 5_000,
    // The plugin is a child of `docker`, and left alone it would hold the output open.
    killDescendants: true,
  })
  let last: string | undefined
  for await (const line of child.iterable({ from: 'all' })) {
    const text = redact(line).trim()
    if (text === '') continue
    log.info(`compose: ${text}`)
    last = text
  }
  const result = await child
  if (!result.failed) return
  const said = (last ?? redact(result.shortMessage ?? 'no output')).replace(
    /^Service '(.+)' needs to be built.*/,
    'The image of service $1 is not on this machine.',
  )
  const cause = result.isCanceled ? 'was ended' : `failed with exit code ${result.exitCode ?? 'none'}`
  const sentence = `${[program, ...first, args[0] ?? ''].join(' ')} ${cause}: ${said}`
  throw new Failure(retryable('compose-failed', sentence))
}

/**
 * A second file for 1.29, which pulls an image it does not find unless it could build it, and is told not to build:
 * it ends by saying that the service needs to be built.
 */
async function neverPull(plan: Plan): Promise<string> {
  const services = [...plan.pinned, ...plan.sidecars].map(({ service }) => service)
  const path = `${plan.directory}.never-pull.json`
  const build = { context: plan.directory }
  try {
    await writeFile(
      path,
      JSON.stringify({ services: Object.fromEntries(services.map((name) => [name, { build }])) }),
    )
  } catch (error) {
    throw new Failure(retryable('disk-unusable', `${path} cannot be written: ${errorText(error)}`), {
      cause: error,
    })
  }
  return path
}
