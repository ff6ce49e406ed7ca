import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Caller } from '../wire/operation.ts'

export type RoleCredentials = Readonly<{
  accessKeyId: string
  secretAccessKey: string
  token: string
  /** Milliseconds since the epoch. */
  expiration: number
}>

/** As an instance profile's: about six hours (EC2 user guide, instance metadata security credentials). */
const instanceLifetimeMs = 6 * 3_600_000

type Session = Readonly<{ caller: Caller; endsAt: number }>

/** Who holds which access key: instances and whoever assumed a role as sessions of it, everybody else as a user of the account. */
export class Identities {
  readonly #clock: Clock
  readonly #account: string
  readonly #sessions = new Map<string, Session>()
  /** Keys of sessions that are over and forgotten. */
  readonly #over = new Set<string>()

  constructor(clock: Clock, account: string) {
    this.#clock = clock
    this.#account = account
  }

  /** Fresh temporary credentials of the role `role` for one instance: a session named after the instance, as EC2 names it. */
  issue(instanceId: string, role: string): RoleCredentials {
    return this.#issue(this.instance(instanceId, role), instanceLifetimeMs)
  }

  /** Temporary credentials of a session somebody named, for as long as asked. */
  assume(role: string, session: string, lifetimeMs: number): RoleCredentials {
    return this.#issue(this.#session(role, session, null), lifetimeMs)
  }

  /** Who an instance is to AWS. */
  instance(instanceId: string, role: string): Caller {
    return this.#session(role, instanceId, instanceId)
  }

  #session(role: string, session: string, instanceId: string | null): Caller {
    return {
      userId: `${this.roleId(role)}:${session}`,
      arn: `arn:aws:sts::${this.#account}:assumed-role/${role}/${session}`,
      role,
      instanceId,
    }
  }

  #issue(caller: Caller, lifetimeMs: number): RoleCredentials {
    const accessKeyId = `ASIA${base32(randomBytes(16)).slice(0, 16)}`
    const now = this.#clock.now()
    const expiration = now + lifetimeMs
    for (const [key, { endsAt }] of this.#sessions)
      if (endsAt <= now) {
        this.#sessions.delete(key)
        this.#over.add(key)
      }
    this.#sessions.set(accessKeyId, { caller, endsAt: expiration })
    return {
      accessKeyId,
      secretAccessKey: randomBytes(30).toString('base64'),
      token: randomBytes(48).toString('base64'),
      expiration,
    }
  }

  /** The role's unique id, the same for the role's whole life. */
  roleId(role: string): string {
    return `AROA${stableId(`role/${role}`)}`
  }

  /** Whether a key was a session's whose time is over. */
  isOver(accessKeyId: string): boolean {
    const session = this.#sessions.get(accessKeyId)
    return session ? session.endsAt <= this.#clock.now() : this.#over.has(accessKeyId)
  }

  /** Keys nobody was issued, or whose time is over, belong to a user of the account: this server holds no list of users. */
  callerOf(accessKeyId: string): Caller {
    const session = this.#sessions.get(accessKeyId)
    if (session && session.endsAt > this.#clock.now()) return session.caller
    return {
      userId: `AIDA${stableId(`user/${accessKeyId}`)}`,
      arn: `arn:aws:iam::${this.#account}:user/${accessKeyId}`,
      role: null,
      instanceId: null,
    }
  }
}

function stableId(name: string): string {
  return base32(createHash('sha256').update(name).digest()).slice(0, 17)
}

function base32(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.charAt(byte & 31)).join('')
}
