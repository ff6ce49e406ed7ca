import { homedir } from 'node:os'
import { join } from 'node:path'

/** All this package takes from the environment; region, profile, endpoints and credentials are read by the SDK itself. */
export type Config = Readonly<{
  /** Directory of Docker's config.json. */
  dockerConfig: string
  /** What FORCE_COLOR, or else NO_COLOR (https://no-color.org), says; null: as the terminal is. */
  colour: boolean | null
  /** The terminal moves no cursor: TERM=dumb. */
  dumb: boolean
  /** The locale has signs beyond ASCII. */
  unicode: boolean
  /** Milliseconds between two looks at the world. */
  pollMs: number
}>

export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  return {
    dockerConfig: env['DOCKER_CONFIG'] ?? join(homedir(), '.docker'),
    colour: colourOf(env),
    dumb: env['TERM'] === 'dumb',
    unicode: /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''),
    pollMs: positive(env['SWITCHOVER_POLL_MS']) ?? 1_000,
  }
}

/** FORCE_COLOR comes first, as Node has it. */
function colourOf(env: Readonly<Record<string, string | undefined>>): boolean | null {
  const force = env['FORCE_COLOR']
  if (force !== undefined) return !['0', 'false'].includes(force)
  return (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb' ? false : null
}

function positive(text: string | undefined): number | null {
  const value = Number(text)
  return text !== undefined && Number.isFinite(value) && value > 0 ? value : null
}
