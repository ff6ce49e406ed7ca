import type { Caller } from '../wire/operation.ts'
import { contextOf } from './context.ts'
import { evaluate, type Permission, type Verdict } from './evaluate.ts'
import type { Policy } from './policy.ts'
import { refusal } from './refusals.ts'

/** The policies of each role, by its name. */
export type RolePolicies = Readonly<Record<string, readonly Policy[]>>

/**
 * Who may do what. Sessions of a role may do what the role's policies allow, and those of a role without policies
 * nothing. Users are administrators of the account. Where no policies were given at all, everybody may do everything.
 */
export class Access {
  readonly #account: string
  readonly #region: string
  readonly #roles: ReadonlyMap<string, readonly Policy[]> | null
  readonly #onRefused: (sentence: string) => void

  /** @param onRefused told what each refused caller is answered */
  constructor(
    where: { account: string; region: string },
    roles: RolePolicies | undefined,
    onRefused: (sentence: string) => void = () => undefined,
  ) {
    this.#account = where.account
    this.#region = where.region
    this.#roles = roles ? new Map(Object.entries(roles)) : null
    this.#onRefused = onRefused
  }

  /** False where everybody may do everything. */
  get evaluates(): boolean {
    return this.#roles !== null
  }

  /** Whether anything can be refused to this caller. */
  judges(caller: Caller): boolean {
    return this.evaluates && caller.role !== null
  }

  /** Any role is taken to be there unless it is said which there are. */
  hasRole(name: string): boolean {
    return this.#roles?.has(name) ?? true
  }

  /** @throws {AwsError} what AWS answers where `caller` lacks one of `permissions`. */
  require(caller: Caller, permissions: readonly Permission[]): void {
    for (const permission of permissions) {
      const verdict = this.#verdict(caller, permission)
      if (verdict === 'allowed') continue
      const error = refusal(caller, permission, verdict)
      this.#onRefused(error.message)
      throw error
    }
  }

  #verdict(caller: Caller, permission: Permission): Verdict {
    if (this.#roles === null || caller.role === null) return 'allowed'
    const context = new Map([...this.#callerContext(caller), ...permission.context])
    return evaluate(this.#roles.get(caller.role) ?? [], { ...permission, context })
  }

  /** Condition keys of the caller itself (IAM user guide, reference_policies_condition-keys). */
  #callerContext({ userId, role, instanceId }: Caller) {
    const instance = `arn:aws:ec2:${this.#region}:${this.#account}:instance/${instanceId ?? ''}`
    return contextOf({
      'aws:userid': userId,
      'aws:PrincipalAccount': this.#account,
      'aws:PrincipalArn': `arn:aws:iam::${this.#account}:role/${role ?? ''}`,
      'aws:PrincipalType': 'AssumedRole',
      'aws:PrincipalIsAWSService': 'false',
      'aws:ViaAWSService': 'false',
      'aws:RequestedRegion': this.#region,
      'ec2:SourceInstanceARN': instanceId === null ? null : instance,
    })
  }
}
