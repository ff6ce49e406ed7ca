import { readGroupTags } from '@switchover/contract/tags'
import { attachedTo, sameSources, sourceName, type Attached } from '../aws/attached.ts'
import type { AwsGroup } from '../aws/groups.ts'
import { count, verb } from '../decide/words.ts'
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
  const [ofLive, ofIdle] = [attachedTo(live.raw), attachedTo(idle.raw)]
  if (ofLive.length === 0 && ofIdle.length === 0)
    problems.push(
      problem(
        `Neither ${live.group.name} nor ${idle.group.name} is attached to a target group or a classic load balancer.`,
      ),
    )
  else if (!sameSources(ofLive, ofIdle))
    problems.push(
      problem(
        `${live.group.name} and ${idle.group.name} must be attached to the same target groups and classic load balancers; they have ${names(ofLive)} and ${names(ofIdle)}.`,
      ),
    )
  const { suspended, name } = idle.group
  const needed = suspended.filter((process) => process === 'Launch' || process === 'AddToLoadBalancer')
  if (needed.length > 0)
    problems.push(
      problem(
        `${needed.join(' and ')} ${verb(needed.length, 'is', 'are')} suspended on ${name}, which could bring up nothing: resume ${verb(needed.length, 'it', 'them')} first.`,
        `aws autoscaling resume-processes --auto-scaling-group-name ${name} --scaling-processes ${needed.join(' ')}`,
      ),
    )
  const bound = first ? idle.group : live.group
  if (required > bound.max)
    problems.push(
      problem(
        `${count(required, 'instance')} ${verb(required, 'is', 'are')} required, more than the MaxSize ${bound.max} of ${bound.name}: raise it first.`,
      ),
    )
  return problems
}

function names(sources: readonly Attached[]): string {
  if (sources.length === 0) return 'none'
  return sources.map(sourceName).join(', ')
}
