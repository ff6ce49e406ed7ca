import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import {
  type DockerConfig,
  type DockerLogin,
  dockerConfigSchema,
  helperFor,
  hubKey,
  loginOf,
} from '@switchover/contract/docker-config'
import { Refusal } from '../events.ts'
import { parseJson } from '../json.ts'

const helperTimeoutMs = 20_000

/**
 * What `docker login` left for a registry: Docker's config.json, a helper per registry first, then the store, then the file itself.
 * Null where nothing is known, which means: ask anonymously.
 * @param directory where config.json lies, usually ~/.docker
 * @throws {Refusal} where the file is no JSON or a helper fails.
 */
export async function dockerCredentials(directory: string, host: string): Promise<DockerLogin | null> {
  const config = await readConfig(join(directory, 'config.json'))
  if (!config) return null
  const keys = host === 'registry-1.docker.io' ? [hubKey, 'docker.io'] : [host, `https://${host}`]
  for (const key of keys) {
    const helper = helperFor(config, key)
    const found = helper === '' ? null : await askHelper(helper, key)
    if (found) return found
    const stored = config.auths[key]
    if (stored) return loginOf(stored)
  }
  return null
}

async function readConfig(path: string): Promise<DockerConfig | null> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch {
    return null
  }
  try {
    return dockerConfigSchema.parse(JSON.parse(text))
  } catch (error) {
    throw new Refusal(2, 'refused', `Docker's ${path} is not a configuration file.`, null, error)
  }
}

const helperAnswer = z.object({ Username: z.string(), Secret: z.string() })

/** docker-credential-helpers protocol: the server's name on stdin, JSON on stdout. */
async function askHelper(helper: string, server: string): Promise<DockerLogin | null> {
  const program = `docker-credential-${helper}`
  const { failure, stdout } = await run(program, server)
  if (failure) {
    if (/credentials not found/i.test(stdout)) return null
    throw new Refusal(2, 'refused', `The credential helper ${program} failed for ${server}.`)
  }
  const parsed = helperAnswer.safeParse(parseJson(stdout))
  if (!parsed.success)
    throw new Refusal(2, 'refused', `The credential helper ${program} gave no credentials for ${server}.`)
  const { Username, Secret } = parsed.data
  if (Username === '<token>') return { kind: 'token', token: Secret }
  return { kind: 'password', user: Username, password: Secret }
}

/** The error is reduced to yes or no here: execFile's message repeats what the helper printed, which may be a secret. */
async function run(program: string, input: string): Promise<{ failure: boolean; stdout: string }> {
  return await new Promise((resolve) => {
    const child = execFile(program, ['get'], { timeout: helperTimeoutMs }, (error, stdout) => {
      resolve({ failure: error !== null, stdout })
    })
    // A helper that is missing, or ends without reading, breaks the pipe; the callback above reports it.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(`${input}\n`)
  })
}
