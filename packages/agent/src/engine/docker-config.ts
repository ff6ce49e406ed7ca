import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DockerConfig, dockerConfigSchema, hubKey, loginOf } from '@switchover/contract/docker-config'
import { parseImage } from '@switchover/contract/image'
import { retryable } from '../decide/reason.ts'
import { Failure } from '../failure.ts'
import type { RegistryLogin } from './engine.ts'

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
  const parsed = dockerConfigSchema.safeParse(value)
  if (!parsed.success) throw unreadable(path)
  return parsed.data
}

/** The parser's own words may quote the file, and with it a secret. */
function unreadable(path: string): Failure {
  return new Failure(retryable('registry-login', `Docker's ${path} cannot be read.`))
}

/** The login `auths` holds for a registry; an address with a scheme or a path counts by its host. */
export function storedLogin({ auths }: DockerConfig, key: string): RegistryLogin | null {
  const entry = auths[key] ?? Object.entries(auths).find(([address]) => hostOf(address) === hostOf(key))?.[1]
  const login = entry === undefined ? null : loginOf(entry)
  if (login === null) return null
  if (login.kind === 'token') return { identitytoken: login.token, serveraddress: key }
  return { username: login.user, password: login.password, serveraddress: key }
}

function hostOf(address: string): string {
  return address.replace(/^https?:\/\//, '').split('/', 1)[0] ?? ''
}
