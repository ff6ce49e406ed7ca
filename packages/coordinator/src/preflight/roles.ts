import type { AwsGroup } from '../aws/groups.ts'
import { forPerson, problem } from './problem.ts'
import type { Problem } from './problem.ts'

export type Roles = { live: AwsGroup; idle: AwsGroup }

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
    problems.push(
      problem(
        `Neither ${first} nor ${second} has an instance in service: the first version is brought up by setting a group's tags and size, not by deploy.`,
      ),
    )
  } else {
    const roles = aServes ? { live: a, idle: b } : { live: b, idle: a }
    return { roles, problems: [...problems, ...notIdle(roles.idle)] }
  }
  return { roles: null, problems }
}

export function inService(group: AwsGroup): number {
  return group.group.instances.filter(({ lifecycle }) => lifecycle === 'InService').length
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
