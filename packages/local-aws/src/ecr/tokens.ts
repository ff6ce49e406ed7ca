import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Caller } from '../wire/operation.ts'

/** A registry login is good for 12 hours (ECR user guide, registry authentication). */
const loginMs = 12 * 3_600_000
const linkMs = 3_600_000

/** What this registry signs: logins and links to layers. Nothing is remembered: a signature and a time are in each. */
export class RegistryTokens {
  readonly #clock: Clock
  readonly #key = randomBytes(32)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The password of a login as the user `AWS`, for who asked for it. */
  issue(holder: Caller): { token: string; expiresAt: number } {
    const expiresAt = this.#clock.now() + loginMs
    return { token: this.#sign({ use: 'login', expiresAt, holder }), expiresAt }
  }

  /** Whose login it is, or null where it is forged or too old. */
  holderOf(token: string): Caller | null {
    return this.#read(token, 'login')?.holder ?? null
  }

  /** A link's secret part, good for an hour. */
  signLink(subject: string): string {
    return this.#sign({ use: 'link', expiresAt: this.#clock.now() + linkMs, subject })
  }

  /** What a link stands for, or null where it is forged or too old. */
  readLink(token: string): string | null {
    return this.#read(token, 'link')?.subject ?? null
  }

  #sign(claims: Claims): string {
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
    return `${payload}.${this.#mac(payload).toString('base64url')}`
  }

  #read(token: string, use: Claims['use']): Claims | null {
    const [payload = '', mac = ''] = token.split('.')
    const expected = this.#mac(payload)
    const given = Buffer.from(mac, 'base64url')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Claims
    return claims.use === use && claims.expiresAt > this.#clock.now() ? claims : null
  }

  #mac(payload: string): Buffer {
    return createHmac('sha256', this.#key).update(payload).digest()
  }
}

type Claims = { use: 'login' | 'link'; expiresAt: number; subject?: string; holder?: Caller }
