import { execa } from 'execa'
import { chooseCompose, type ComposeCommand } from '../decide/compose.ts'
import { retryable, terminal } from '../decide/reason.ts'
import { Failure } from '../failure.ts'

/** A loaded machine that boots takes its time to start a program. */
const askMs = 30_000

/**
 * The compose this machine has.
 * @throws {Failure} terminal where it has none that can be used; retryable where it does not say
 */
export async function findCompose(env: Readonly<Record<string, string>>): Promise<ComposeCommand> {
  const standalone = await version('docker-compose', ['version', '--short'], env)
  const alone = chooseCompose(null, standalone)
  // Where the plugin can also be called by its own name, each call is a process less.
  if (alone.ok && alone.command.dialect === 'v2') return alone.command
  const chosen = chooseCompose(await version('docker', ['compose', 'version', '--short'], env), standalone)
  if (!chosen.ok) throw new Failure(terminal('no-compose', chosen.problem))
  return chosen.command
}

/** What the program prints of its version, null where there is no such program or plugin. */
async function version(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string | null> {
  const result = await execa(program, args, {
    env: { ...env },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: askMs,
  })
  if (!result.failed) return result.stdout.trim().slice(0, 40)
  // A Docker without the plugin, like a shell without a program, ends by itself.
  if (result.code === 'ENOENT' || (result.exitCode !== undefined && !result.isTerminated)) return null
  throw new Failure(
    retryable('compose-silent', `${[program, ...args].join(' ')} brought no answer: ${result.shortMessage}`),
  )
}
