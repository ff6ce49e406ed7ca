import { execa } from 'execa'
import * as z from 'zod'
import type { Clock } from '../clock.ts'
import { retryable } from '../decide/reason.ts'
import { Failure } from '../failure.ts'
import type { RegistryLogin } from './engine.ts'

/** Asks `docker-credential-HELPER` for a registry's login, null where it knows none. @throws {Failure} */
export type CredentialHelpers = (helper: string, key: string) => Promise<RegistryLogin | null>

const answerMs = 20_000
const outputMax = 64 * 1024
/** The one failure of a helper that is none (docker-credential-helpers, credentials/error.go). */
const unknownText = 'credentials not found in native keychain'
/** A user of this name means that the secret is an identity token. */
const tokenUser = '<token>'

const answer = z.object({ Username: z.string().min(1), Secret: z.string().min(1) })

/**
 * Credential helpers by Docker's protocol: the registry's address on stdin, JSON on stdout. What a helper prints is
 * never repeated, since it may be the secret.
 * @param env is given to helpers beside the agent's own environment
 */
export function credentialHelpers(options: {
  clock: Clock
  env: Readonly<Record<string, string>>
}): CredentialHelpers {
  return async (helper, key) => {
    const program = `docker-credential-${helper}`
    const limit = options.clock.deadline(answerMs)
    const { code, failed, exitCode, stdout } = await execa(program, ['get'], {
      env: { ...options.env },
      input: `${key}\n`,
      stderr: 'ignore',
      maxBuffer: outputMax,
      reject: false,
      cancelSignal: limit,
      forceKillAfterDelay: 1_000,
      killDescendants: true,
    })
    const failure = (text: string) =>
      new Failure(retryable('registry-login', `The credential helper ${program} ${text}.`))
    if (code === 'ENOENT') throw failure(`of registry ${key} is not on the agent's PATH`)
    if (limit.aborted) throw failure(`gave no answer for ${key} within ${answerMs / 1_000} s`)
    if (failed && stdout.trim() === unknownText) return null
    if (failed) throw failure(`failed for ${key} (exit code ${exitCode ?? 'none'})`)
    const parsed = answer.safeParse(parseJson(stdout))
    if (!parsed.success) throw failure(`gave no login for ${key}`)
    const { Username: username, Secret: secret } = parsed.data
    return username === tokenUser
      ? { identitytoken: secret, serveraddress: key }
      : { username, password: secret, serveraddress: key }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
