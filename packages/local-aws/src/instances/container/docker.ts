import { execa } from 'execa'

/** For commands that wait for something outside. */
export const NO_LIMIT = 0

export type DockerOutcome = Readonly<{ exitCode: number; stdout: string; stderr: string }>

/**
 * Runs the Docker client to its end, whatever its exit code. The client finds its engine as it always does
 * (DOCKER_HOST, context). `limitMs` ends a client that does not come back; its exit code is then 124.
 */
export async function tryDocker(args: readonly string[], limitMs = 120_000): Promise<DockerOutcome> {
  const result = await execa('docker', args, { reject: false, stdin: 'ignore', timeout: limitMs })
  const exitCode = result.timedOut ? 124 : (result.exitCode ?? 127)
  return {
    exitCode,
    stdout: result.stdout,
    stderr: result.stderr || (result.shortMessage ?? ''),
  }
}

/**
 * Runs the Docker client and returns what it printed.
 * @throws {Error} with the client's own last line when it fails.
 */
export async function docker(args: readonly string[], limitMs?: number): Promise<string> {
  const result = await tryDocker(args, limitMs)
  if (result.exitCode !== 0) throw new Error(`docker ${args[0]}: ${reasonOf(result)}`)
  return result.stdout
}

/** The lines of what `docker` printed; none for an empty answer. */
export async function dockerLines(args: readonly string[]): Promise<string[]> {
  return (await docker(args)).split('\n').filter((line) => line !== '')
}

/** What the client gave as the reason of a failure, in one line, without its hint at --help. */
export function reasonOf({ stderr }: DockerOutcome): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !line.startsWith("Run 'docker"))
  return (lines.at(-1) ?? 'no reason was given').replace(/^docker: /, '')
}
