import { service } from './account.ts'
import type { Narrator } from './narrator.ts'
import type { Scene } from './scene.ts'
import { switchover } from './switchover-cli.ts'

/**
 * Tells the story of the last deployment while its store is still there: in words now, as a page in `file` for later.
 * @returns the words, or null where the command cannot tell it, which has been said by then
 */
export async function tellStory(
  { env }: Pick<Scene, 'env'>,
  narrator: Narrator,
  { file, signal }: { file: string; signal: AbortSignal },
): Promise<string | null> {
  narrator.heading(`switchover report ${service} --html ${file}`)
  const page = await report(['--html', file])
  const words = page.exitCode === 0 ? await report([]) : page
  const told = words.exitCode === 0
  narrator.say(told ? page.stderr.trim() : `The story cannot be told: ${words.stderr.trim()}`)
  return told ? words.stdout : null

  async function report(more: readonly string[]) {
    const result = await switchover(['report', service, ...more], { env, signal })
    signal.throwIfAborted()
    return result
  }
}
