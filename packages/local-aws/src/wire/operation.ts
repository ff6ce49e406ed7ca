import type { Cloud } from '../cloud.ts'

/** What a query-protocol body says once its dotted names are nested: `Tags.member.1.Key=a` is `{ Tags: [{ Key: 'a' }] }`. An empty list (`Tags=`) is ''. */
export type Input = { readonly [name: string]: InputValue }
export type InputValue = string | Input | readonly InputValue[]

/** What an operation answers; the protocol's encoder turns it into XML or JSON. Undefined fields are left out. */
export type Output = { readonly [name: string]: OutputValue }
export type OutputValue = string | number | boolean | Date | undefined | Output | readonly OutputValue[]

/** Who signed the request, by its access key. */
export type Caller = {
  /** `aws:userid`: `ROLEID:SESSION` of a role's session, `ROLEID:i-…` on an instance, else a user's id. */
  userId: string
  arn: string
  /** Name of the role whose session this is, null for a user. */
  role: string | null
  /** The instance whose role credentials were used, or null. */
  instanceId: string | null
}

/**
 * One API operation. It runs to its end without waiting on the clock: AWS answers at once and goes on in the background.
 * @param origin scheme and host the client reached this server by, for answers that hold a link.
 * @throws {AwsError} as AWS would answer.
 */
export type Operation = (
  cloud: Cloud,
  input: Input,
  caller: Caller,
  origin: string,
) => Output | Promise<Output>

export class AwsError extends Error {
  override readonly name = 'AwsError'
  readonly code: string
  readonly status: number
  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}
