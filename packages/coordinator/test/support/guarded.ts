import { readPolicy } from '@switchover/local-aws/iam/policy'
import { virtualMachines, type VirtualOptions } from '@switchover/local-aws/instances/virtual'
import { renderPolicy, type Role } from '../../../../bootstrap/policies.ts'
import type { AwsClients } from '../../src/aws/clients.ts'
import { bucket, createAccount, type Account } from './account.ts'
import { commandLine, type Said } from './command-line.ts'
import { fillWithWebService, repository, store } from './web-service.ts'

/** Session names of the people and programs here; the instance role is called as the profile of web's instances. */
export const roleNames = { instance: 'web', coordinator: 'web-coordinator' } as const

export type Guarded = Account & {
  bundle: string
  /** Clients of a session of the coordinator role. */
  ops: AwsClients
  /** What was refused so far: to commands, and to agents. */
  refused: string[]
  /** Runs a command line with the coordinator role's permissions and no others. */
  say(line: string): Promise<Said>
}

export type PolicyText = { Statement: { Sid: string; Effect: string; Action: string | string[] }[] }

/** A shipped policy with its places filled for `service` in the account of these tests. */
export function shippedPolicy(role: Role, service = 'web', prefix: string = store.prefix): PolicyText {
  return renderPolicy(role, {
    service,
    store: `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`,
    account: '123456789012',
    region: 'us-east-1',
    repository: repository.split('/')[1] ?? '',
  }) as unknown as PolicyText
}

/**
 * The service `web` with virtual agents, in an account where the shipped policies are evaluated.
 * @param change what is made of a role's policy before
 */
export async function createGuarded(
  options: {
    prefix?: string
    change?: (policy: PolicyText, role: Role) => PolicyText
    machines?: Partial<VirtualOptions>
  } = {},
): Promise<Guarded> {
  const { prefix = store.prefix, change = (policy) => policy, machines } = options
  const policyOf = (role: Role) => [
    readPolicy(change(shippedPolicy(role, 'web', prefix), role), `${role}.json`),
  ]
  const refused: string[] = []
  const account = await createAccount({
    onRefused: (sentence) => refused.push(sentence),
    machines: (cloud) => virtualMachines(cloud, machines),
    policies: {
      [roleNames.instance]: policyOf('instance-role'),
      [roleNames.coordinator]: policyOf('coordinator-role'),
    },
  })
  const bundle = await fillWithWebService(account, undefined, prefix)
  // Until every agent is ready and has said so.
  await account.time.advance(60_000)
  let called = Promise.withResolvers<void>()
  const { accessKeyId } = account.cloud.identities.assume(roleNames.coordinator, 'ops', 3_600_000)
  const ops = account.connect((_, proceed) => {
    called.resolve()
    return proceed()
  }, accessKeyId)
  return {
    ...account,
    bundle,
    ops,
    refused,
    async say(line) {
      called = Promise.withResolvers()
      const around = { directory: '/', clients: ops, clock: account.clock, config: { pollMs: 5_000 } }
      const work = commandLine(line.split(' '), around)
      // Time would race past what reads the disk: it waits for the first call, and stands still where nothing waits for it.
      await Promise.race([work, called.promise])
      return line.includes('--yes') ? await account.run(work) : await work
    },
  }
}
