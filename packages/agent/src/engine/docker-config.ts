import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { parseImage } from '@switchover/contract/image'
import { retryable } from '../decide/reason.ts'
import { Failure } from '../failure.ts'
import type { RegistryLogin } from './engine.ts'

const entrySchema = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
})
const configSchema = z.object({
  auths: z.record(z.string(), entrySchema).default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: z.string().default(''),
})
export type DockerConfig = z.infer<typeof configSchema>

/** Docker Hub's logins are filed under its first address. */
const hubKey = 'https://index.docker.io/v1/'

/** What Docker files an image's login under: the registry's host. */
export function loginKey(image: string): string {
  const host = parseImage(image).registry
  return host === null || host === 'docker.io' || host === 'index.docker.io' ? hubKey : host
}

/**
 * Docker's config.json, empty where there is none.
 * @throws {Failure} where the file cannot be read
 */
export async function readDockerConfig(directory: string): Promise<DockerConfig> {
  const path = join(directory, 'config.json')
  let value: unknown = {}
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(path)
  }
  const parsed = configSchema.safeParse(value)
  if (!parsed.success) throw unreadable(path)
  return parsed.data
}

/** The parser's own words may quote the file, and with it a secret. */
function unreadable(path: string): Failure {
  return new Failure(retryable('registry-login', `Docker's ${path} cannot be read.`))
}

/** Name of the helper that holds a registry's login, empty for the file itself: as the Docker CLI chooses it. */
export function helperFor(config: DockerConfig, key: string): string {
  return config.credHelpers[key] ?? config.credsStore
}

/** The login `auths` holds for a registry; an address with a scheme or a path counts by its host. */
export function storedLogin({ auths }: DockerConfig, key: string): RegistryLogin | null {
  const entry = auths[key] ?? Object.entries(auths).find(([address]) => hostOf(address) === hostOf(key))?.[1]
  if (entry === undefined) return null
  if (entry.identitytoken) return { identitytoken: entry.identitytoken, serveraddress: key }
  const decoded = Buffer.from(entry.auth ?? '', 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  if (colon > 0)
    return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1), serveraddress: key }
  const { username, password } = entry
  return username && password ? { username, password, serveraddress: key } : null
}

function hostOf(address: string): string {
  return address.replace(/^https?:\/\//, '').split('/', 1)[0] ?? ''
}
