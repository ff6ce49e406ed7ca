/** What the suite is run against: the local AWS in this process, or the sandbox of a real account. */
export type Target = { kind: 'local' } | AccountTarget

export type AccountTarget = Readonly<{
  kind: 'account'
  region: string
  accountId: string
  /** Begins the name of everything the suite makes. */
  prefix: string
  vpc: string
  subnets: readonly string[]
  /** ARN of the load balancer that `npm run conformance` has made for the run. */
  loadBalancer: string | null
  image: string
  instanceType: string
}>

/** Why the suite does not touch an account: one sentence for people. */
export class Refusal extends Error {}

const latestImage = 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64'

/** The environment's target; `CONFORMANCE=account` asks for an account and then nothing is guessed. @throws {Refusal} */
export function readTarget(env: Readonly<Record<string, string | undefined>>): Target {
  const wanted = env['CONFORMANCE'] ?? 'local'
  if (wanted === 'local') return { kind: 'local' }
  if (wanted !== 'account') throw new Refusal(`CONFORMANCE is local or account, not ${wanted}.`)
  const need = (name: string, meaning: string, legal: RegExp): string => {
    const value = env[name] ?? ''
    if (legal.test(value)) return value
    throw new Refusal(`CONFORMANCE=account needs ${name}, ${meaning}; it is ${value || 'not set'}.`)
  }
  return {
    kind: 'account',
    region: need('CONFORMANCE_REGION', 'the Region of the sandbox', /^[a-z]{2,}(-[a-z]+)+-\d$/),
    accountId: need('CONFORMANCE_ACCOUNT_ID', "the sandbox account's twelve digits", /^\d{12}$/),
    prefix: need(
      'CONFORMANCE_PREFIX',
      'with which the names of all it makes begin (lower case, at most 12 characters)',
      /^[a-z][a-z0-9-]{1,11}$/,
    ),
    vpc: need('CONFORMANCE_VPC', 'a VPC', /^vpc-[0-9a-z]+$/),
    subnets: need(
      'CONFORMANCE_SUBNETS',
      'two of its public subnets in two zones',
      /^subnet-[0-9a-z]+,subnet-[0-9a-z]+$/,
    ).split(','),
    loadBalancer: env['CONFORMANCE_LOAD_BALANCER'] ?? null,
    image: env['CONFORMANCE_IMAGE'] ?? latestImage,
    instanceType: env['CONFORMANCE_INSTANCE_TYPE'] ?? 't4g.nano',
  }
}

/** Makes sure that the credentials are those of the sandbox that was named. @throws {Refusal} */
export async function confirm(
  target: AccountTarget,
  callerAccount: () => Promise<string | undefined>,
): Promise<void> {
  const account = await callerAccount().catch((error: unknown) => {
    throw new Refusal(
      `CONFORMANCE=account needs AWS credentials, and STS gives none an answer: ${(error as Error).message}`,
    )
  })
  if (account !== target.accountId)
    throw new Refusal(
      `The credentials are those of account ${account ?? 'unknown'}, not of ${target.accountId} as CONFORMANCE_ACCOUNT_ID says; nothing was made.`,
    )
}
