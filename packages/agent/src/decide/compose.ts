/** How one of the two kinds of compose is called. */
export type ComposeCommand = {
  /** Program and first arguments. */
  argv: readonly [string, ...string[]]
  /** As people know it: `docker-compose 1.29.2`. */
  name: string
  /** 1.29 knows no `--pull never`. */
  dialect: 'v1' | 'v2'
}

/**
 * Which compose to use of what a machine has: the plugin of 2.17 or later, as `docker compose` or on its own, or
 * `docker-compose` 1.29, the last of its kind.
 * @param plugin what `docker compose version --short` prints, null where there is none
 * @param standalone what `docker-compose version --short` prints, null where there is none
 */
export function chooseCompose(
  plugin: string | null,
  standalone: string | null,
): { ok: true; command: ComposeCommand } | { ok: false; problem: string } {
  if (plugin !== null && isModern(plugin)) {
    const name = `docker compose ${plugin}`
    return { ok: true, command: { argv: ['docker', 'compose'], name, dialect: 'v2' } }
  }
  if (standalone !== null) {
    const name = `docker-compose ${standalone}`
    if (isModern(standalone)) return { ok: true, command: { argv: ['docker-compose'], name, dialect: 'v2' } }
    if (/^v?1\.29\b/.test(standalone))
      return { ok: true, command: { argv: ['docker-compose'], name, dialect: 'v1' } }
  }
  const found = [
    ...(plugin === null ? [] : [`docker compose ${plugin}`]),
    ...(standalone === null ? [] : [`docker-compose ${standalone}`]),
  ]
  const has = found.length === 0 ? 'no docker compose' : found.join(' and ')
  return {
    ok: false,
    problem: `This machine has ${has}; the agent needs Docker's compose plugin 2.17 or later, or docker-compose 1.29.`,
  }
}

/** The plugin numbers its releases 2.0 to 2.40, then 5. */
function isModern(version: string): boolean {
  const [, major = '0', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(version) ?? []
  return Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 17)
}
