import { service } from './account.ts'
import type { Narrator } from './narrator.ts'
import type { Scene } from './scene.ts'
import { switchover } from './switchover-cli.ts'

/**
 * Tells the story of the last deployment while its store is still there: in words now, as a page in `file` for later.
 * @throws {Error} where the command cannot tell it.
 */
export async function tellStory(
  { env }: Pick<Scene, 'env'>,
  narrator: Narrator,
  { file, signal }: { file: string; signal: AbortSignal },
): Promise<string> {
  narrator.heading(`switchover report ${service} --html ${file}`)
  const page = await report(['--html', file])
  narrator.say(page.stderr.trim())
  return (await report([])).stdout

  async function report(more: readonly string[]) {
    const result = await switchover(['report', service, ...more], { env, signal })
    signal.throwIfAborted()
    if (result.exitCode !== 0) throw new Error(`The story cannot be told: ${result.stderr.trim()}`)
    return result
  }
}
