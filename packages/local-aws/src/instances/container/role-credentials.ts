import type { RoleCredentials } from '../../sts/identities.ts'
import type { ShownCredentials } from './metadata.ts'

/** Those that end sooner are replaced: EC2 makes new ones available at least five minutes before the old ones end. */
const RENEWED_BEFORE_MS = 15 * 60_000

/** The credentials each instance's metadata service shows: the same ones until shortly before they end. */
export class CurrentCredentials {
  readonly #current = new Map<string, ShownCredentials>()

  /** `issue` is called when the instance has none, or those it has end soon. */
  of(instanceId: string, now: number, issue: () => RoleCredentials): ShownCredentials {
    const known = this.#current.get(instanceId)
    if (known !== undefined && known.expiration - now > RENEWED_BEFORE_MS) return known
    const issued = { ...issue(), updated: now }
    this.#current.set(instanceId, issued)
    return issued
  }

  forget(instanceId: string): void {
    this.#current.delete(instanceId)
  }
}
