import manifest from '../package.json' with { type: 'json' }

const released: { version: string; gitHead?: string } = manifest

/** Switchover's version: all its packages have this one. */
export const version: string = released.version

/** The commit this was built from, as `git describe` writes it; null in a checkout. */
export const commit: string | null = released.gitHead ?? null

/** `0.1.0 (commit 36985dc)`; where no commit is known, `0.1.0`. */
export function versionText(builtFrom: string | null): string {
  return builtFrom === null ? version : `${version} (commit ${builtFrom})`
}
