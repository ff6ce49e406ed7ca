import { spawnSync } from 'node:child_process'
import { commit, versionText } from '@switchover/contract/version'

/** The version with the commit it was built from; in a checkout, with the commit that is checked out. */
export function describeVersion(): string {
  return versionText(commit ?? checkedOut())
}

function checkedOut(): string | null {
  const git = spawnSync('git', ['describe', '--always', '--dirty', '--exclude=*'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    timeout: 2_000,
  })
  return git.status === 0 ? git.stdout.trim() : null
}
