import { spawnSync } from 'node:child_process'
import { commit, versionText } from '@switchover/contract/version'

/**
 * The version with the commit it was built from; run from its source, with the commit that is checked out. What was built
 * outside git names none: the checkout around it is somebody else's.
 */
export function describeVersion(): string {
  const fromSource = import.meta.filename.endsWith('.ts')
  return versionText(commit ?? (fromSource ? checkedOut() : null))
}

function checkedOut(): string | null {
  const git = spawnSync('git', ['describe', '--always', '--dirty', '--exclude=*'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    timeout: 2_000,
  })
  return git.status === 0 ? git.stdout.trim() : null
}
