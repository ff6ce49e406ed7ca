import * as z from 'zod'
import { Refusal } from '../events.ts'
import { parseJson } from '../json.ts'
import type { DockerLogin } from '@switchover/contract/docker-config'
import { bodyOf, request, unusable } from './http.ts'

export type Challenge = { scheme: 'basic' } | { scheme: 'bearer'; realm: URL; service: string; scope: string }

/** Reads a WWW-Authenticate header (distribution spec, "Token authentication"); null where it is of neither scheme. */
export function parseChallenge(header: string): Challenge | null {
  if (/^basic\b/i.test(header)) return { scheme: 'basic' }
  if (!/^bearer\b/i.test(header)) return null
  const fields = new Map([...header.matchAll(/([a-z_]+)="([^"]*)"/gi)].map(([, key, value]) => [key, value]))
  const realm = fields.get('realm')
  if (!realm || !URL.canParse(realm)) return null
  const address = new URL(realm)
  // A login of the registry's own choice would end up in error texts, and fetch refuses it anyway.
  if (address.username !== '' || address.password !== '') return null
  return {
    scheme: 'bearer',
    realm: address,
    service: fields.get('service') ?? '',
    scope: fields.get('scope') ?? '',
  }
}

const answer = z.object({ token: z.string().optional(), access_token: z.string().optional() })
const tokenBytesMax = 256 * 1024

/** An access token for the challenge, anonymous where there are no credentials; null where the login was refused. */
export async function accessToken(
  challenge: Extract<Challenge, { scheme: 'bearer' }>,
  fallbackScope: string,
  credentials: DockerLogin | null,
): Promise<string | null> {
  const fields = { service: challenge.service, scope: challenge.scope || fallbackScope }
  const response =
    credentials?.kind === 'token'
      ? await exchange(challenge.realm, fields, credentials.token)
      : await ask(challenge.realm, fields, credentials)
  if (response.status === 401 || response.status === 403) return null
  const host = challenge.realm.host
  if (!response.ok) throw unusable(response, host, 'a login')
  const text = Buffer.from(await bodyOf(response, host, tokenBytesMax)).toString('utf8')
  const parsed = answer.safeParse(parseJson(text))
  const token = parsed.data?.token ?? parsed.data?.access_token
  if (!token) throw new Refusal(2, 'refused', `The login at ${host} gave no token.`)
  return token
}

async function ask(
  realm: URL,
  fields: Record<string, string>,
  credentials: Extract<DockerLogin, { kind: 'password' }> | null,
): Promise<Response> {
  const url = new URL(realm)
  for (const [key, value] of Object.entries(fields)) if (value !== '') url.searchParams.set(key, value)
  if (!credentials) return await request(url)
  const pair = Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')
  return await request(url, { headers: { authorization: `Basic ${pair}` } })
}

/** An identity token is changed for an access token by OAuth 2. */
async function exchange(realm: URL, fields: Record<string, string>, token: string): Promise<Response> {
  const body = new URLSearchParams({
    ...fields,
    grant_type: 'refresh_token',
    client_id: 'switchover',
    refresh_token: token,
  })
  // The body holds the login: it goes to the host that was named, and nowhere it may be sent on to.
  return await request(realm, { method: 'POST', body, redirect: 'error' })
}
