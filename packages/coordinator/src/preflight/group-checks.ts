import { readGroupTags } from '@switchover/contract/tags'
import { targetGroupArns } from '../aws/groups.ts'
import type { AwsGroup } from '../aws/groups.ts'
import type { Roles } from './roles.ts'
import { problem } from './problem.ts'
import type { Problem } from './problem.ts'

type Check = (group: AwsGroup) => string | null

/** What no group of a service may be; each row gives the sentence or null. */
const unsupported: readonly Check[] = [
  ({ group }) => {
    const read = readGroupTags(group.tags)
    return read.ok ? null : `${group.name}: ${read.problem}`
  },
  ({ raw, group }) =>
    raw.LoadBalancerNames?.length
      ? `${group.name} is attached to a classic load balancer (${raw.LoadBalancerNames.join(', ')}), which is not supported.`
      : null,
  ({ raw, group }) => {
    const other = raw.TrafficSources?.find(
      ({ Type }) => Type !== undefined && !['elb', 'elbv2'].includes(Type),
    )
    return other ? `${group.name} has a traffic source of type ${other.Type}, which is not supported.` : null
  },
  ({ raw, group }) =>
    raw.MixedInstancesPolicy?.LaunchTemplate?.Overrides?.some(({ WeightedCapacity }) => WeightedCapacity)
      ? `${group.name} uses weighted capacity, which is not supported.`
      : null,
  ({ raw, group }) =>
    raw.DesiredCapacityType !== undefined && raw.DesiredCapacityType !== 'units'
      ? `${group.name} counts its capacity in ${raw.DesiredCapacityType}, which is not supported.`
      : null,
  ({ raw, group }) =>
    raw.WarmPoolConfiguration ? `${group.name} has a warm pool, which is not supported.` : null,
  ({ raw, group }) => (raw.Status === undefined ? null : `${group.name} is being deleted (${raw.Status}).`),
]

export function checkGroup(group: AwsGroup): Problem[] {
  return unsupported.flatMap((check) => {
    const sentence = check(group)
    return sentence === null ? [] : [problem(sentence)]
  })
}

/** What the two groups must have in common, and what the idle one must be able to do. */
export function checkRoles({ live, idle, first }: Roles, required: number): Problem[] {
  const problems: Problem[] = []
  const [liveArns, idleArns] = [targetGroupArns(live.raw), targetGroupArns(idle.raw)]
  if (liveArns.length === 0 && idleArns.length === 0)
    problems.push(problem(`Neither ${live.group.name} nor ${idle.group.name} is attached to a target group.`))
  else if (liveArns.join() !== idleArns.join())
    problems.push(
      problem(
        `${live.group.name} and ${idle.group.name} must be attached to the same target groups; they have ${names(liveArns)} and ${names(idleArns)}.`,
      ),
    )
  const { suspended, name } = idle.group
  const needed = suspended.filter((process) => process === 'Launch' || process === 'AddToLoadBalancer')
  if (needed.length > 0)
    problems.push(
      problem(
        `${needed.join(' and ')} is suspended on ${name}, which could bring up nothing: resume it first.`,
        `aws autoscaling resume-processes --auto-scaling-group-name ${name} --scaling-processes ${needed.join(' ')}`,
      ),
    )
  const bound = first ? idle.group : live.group
  if (required > bound.max)
    problems.push(
      problem(
        `${required} instances are required, more than the MaxSize ${bound.max} of ${bound.name}: raise it first.`,
      ),
    )
  return problems
}

function names(arns: readonly string[]): string {
  if (arns.length === 0) return 'none'
  return arns.map((arn) => arn.split('/')[1] ?? arn).join(', ')
}
