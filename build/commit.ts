import { execa } from 'execa'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The commit of this checkout, with `-dirty` where files differ from it; null outside a checkout of git's. */
export async function sourceCommit(): Promise<string | null> {
  const git = await execa('git', ['describe', '--always', '--dirty', '--exclude=*'], {
    cwd: root,
    stdin: 'ignore',
    reject: false,
    timeout: 10_000,
  })
  return git.failed ? null : git.stdout.trim()
}
