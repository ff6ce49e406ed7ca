import * as z from 'zod'

const entrySchema = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
})

/** What of Docker's config.json says how to log in at a registry. */
export const dockerConfigSchema = z.object({
  auths: z.record(z.string(), entrySchema).default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: z.string().default(''),
})
export type DockerConfig = z.infer<typeof dockerConfigSchema>

/** Docker Hub's logins are filed under its first address. */
export const hubKey = 'https://index.docker.io/v1/'

/** `token`: an identity token to be changed for an access token; else user and password. */
export type DockerLogin =
  | { kind: 'password'; user: string; password: string }
  | { kind: 'token'; token: string }

/** Name of the helper that holds a registry's login, empty for the file itself: as the Docker CLI chooses it. */
export function helperFor(config: DockerConfig, key: string): string {
  return config.credHelpers[key] ?? config.credsStore
}

/** The login an entry of `auths` holds, its `auth` before all else as the Docker CLI has it; null where it holds none. */
export function loginOf(entry: DockerConfig['auths'][string]): DockerLogin | null {
  const { identitytoken, username, password, auth = '' } = entry
  if (identitytoken) return { kind: 'token', token: identitytoken }
  const decoded = Buffer.from(auth, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  if (colon > 0)
    return { kind: 'password', user: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
  return username && password ? { kind: 'password', user: username, password } : null
}
