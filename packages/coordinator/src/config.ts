import { homedir } from 'node:os'
import { join } from 'node:path'

/** All this package takes from the environment; region, profile, endpoints and credentials are read by the SDK itself. */
export type Config = Readonly<{
  /** Directory of Docker's config.json. */
  dockerConfig: string
  /** NO_COLOR is set (https://no-color.org). */
  noColour: boolean
  /** Milliseconds between two looks at the world. */
  pollMs: number
}>

export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  return {
    dockerConfig: env['DOCKER_CONFIG'] ?? join(homedir(), '.docker'),
    noColour: (env['NO_COLOR'] ?? '') !== '',
    pollMs: positive(env['SWITCHOVER_POLL_MS']) ?? 1_000,
  }
}

function positive(text: string | undefined): number | null {
  const value = Number(text)
  return text !== undefined && Number.isFinite(value) && value > 0 ? value : null
}
