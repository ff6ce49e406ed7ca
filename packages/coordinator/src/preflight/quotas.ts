import { DescribeAccountLimitsCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { attachedTo, sourceName } from '../aws/attached.ts'
import type { AwsClients } from '../aws/clients.ts'
import { classify } from '../aws/errors.ts'
import type { HealthCheck } from '../decide/durations.ts'
import { problem, type Problem } from './problem.ts'
import { inService, type Roles } from './roles.ts'

/** Quotas of the account by Elastic Load Balancing's names; null where they may not be read. */
export type Quotas = ReadonlyMap<string, number> | null

/** What can be read without Service Quotas; the number of vCPUs is not among it, and a refused launch names it. */
export async function readQuotas({ elb }: AwsClients): Promise<Quotas> {
  try {
    const { Limits = [] } = await elb.send(new DescribeAccountLimitsCommand({}))
    return new Map(Limits.flatMap(({ Name, Max }) => (Name && Max ? [[Name, Number(Max)] as const] : [])))
  } catch (error) {
    if (classify(error) === 'denied') return null
    throw error
  }
}

/** The load balancers of a group's target groups, as quotas name them. */
export function kindsOf(
  { raw }: Readonly<{ raw: Parameters<typeof attachedTo>[0] }>,
  checks: readonly HealthCheck[],
): ReadonlySet<string> {
  const targetGroups = new Set(
    attachedTo(raw).flatMap((one) => (one.type === 'elbv2' ? sourceName(one) : [])),
  )
  const ours = checks.filter(({ name }) => targetGroups.has(name))
  return new Set(ours.map(({ oneIsEnough }) => (oneIsEnough ? 'application' : 'network')))
}

/** During the overlap both fleets are registered: the load balancer has to take them together. */
export function checkQuotas(
  quotas: Quotas,
  { live }: Roles,
  required: number,
  kinds: ReadonlySet<string>,
): Problem[] {
  const both = inService(live) + required
  return [...kinds].flatMap((kind) => {
    const quota = quotas?.get(`targets-per-${kind}-load-balancer`)
    if (quota === undefined || both <= quota) return []
    const sentence = `${both} instances of both groups would be registered during the switch, more than the quota of ${quota} targets of a load balancer (targets-per-${kind}-load-balancer): raise it first.`
    return [problem(sentence)]
  })
}

export function quotaWarning(quotas: Quotas): string[] {
  return quotas === null
    ? [
        'The quotas of Elastic Load Balancing may not be read (elasticloadbalancing:DescribeAccountLimits): not checked.',
      ]
    : []
}
