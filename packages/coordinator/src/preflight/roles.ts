import type { AwsGroup } from '../aws/groups.ts'
import { forPerson } from './problem.ts'
import type { Problem } from './problem.ts'

/** `first`: nothing serves. Then `idle` is the group that the first version comes up in, `live` the one that stays empty. */
export type Roles = { live: AwsGroup; idle: AwsGroup; first: boolean }

/** Which group serves now and which is idle, or why that cannot be told. */
export function findRoles(groups: readonly [AwsGroup, AwsGroup]): {
  roles: Roles | null
  problems: Problem[]
} {
  const [a, b] = groups
  const problems = groups.flatMap(leftoverStandby)
  const [aServes, bServes] = [serves(a), serves(b)]
  const [first, second] = [a.group.name, b.group.name]
  if (aServes && bServes) {
    problems.push(
      forPerson(`Both groups serve, ${first} and ${second}: set the one that is not wanted to 0 first.`),
    )
  } else if (!aServes && !bServes) {
    const restless = groups.flatMap(notAtZero)
    // By name: the same on any machine, and the same again after an attempt that failed.
    if (restless.length + problems.length === 0) return { roles: { live: b, idle: a, first: true }, problems }
    problems.push(...restless)
  } else {
    const roles = aServes ? { live: a, idle: b, first: false } : { live: b, idle: a, first: false }
    return { roles, problems: [...problems, ...notIdle(roles.idle)] }
  }
  return { roles: null, problems }
}

export function inService(group: AwsGroup): number {
  return group.group.instances.filter(({ lifecycle }) => lifecycle === 'InService').length
}

/** What a group has in service or wants to have. */
export function sizeOf(group: AwsGroup): number {
  return Math.max(group.group.desired, inService(group))
}

function serves(group: AwsGroup): boolean {
  return inService(group) > 0
}

function leftoverStandby({ group }: AwsGroup): Problem[] {
  const ids = group.instances.filter(({ lifecycle }) => lifecycle.endsWith('Standby')).map(({ id }) => id)
  if (ids.length === 0) return []
  return [
    forPerson(
      `${group.name} has instances in Standby that no open deployment knows of: ${ids.join(', ')}; return or detach them first.`,
    ),
  ]
}

/** No service is brought up from nothing while one of its groups may be about to serve. */
function notAtZero({ group }: AwsGroup): Problem[] {
  if (group.instances.length === 0 && group.desired === 0) return []
  const ids = group.instances.map(({ id, lifecycle }) => `${id} ${lifecycle}`).join(', ') || 'no instance'
  return [
    forPerson(
      `Neither group has an instance in service, and ${group.name} is not at 0 (desired ${group.desired}, ${ids}): wait until it serves, or set it to 0 first.`,
    ),
  ]
}

function notIdle({ group }: AwsGroup): Problem[] {
  const ids = group.instances.filter(({ lifecycle }) => !lifecycle.endsWith('Standby')).map(({ id }) => id)
  if (ids.length > 0)
    return [forPerson(`The idle group ${group.name} is not empty: ${ids.join(', ')}; set it to 0 first.`)]
  if (group.desired > 0 || group.min > 0)
    return [
      forPerson(
        `The idle group ${group.name} is not at 0 (min ${group.min}, desired ${group.desired}): set it to 0 first.`,
      ),
    ]
  return []
}
