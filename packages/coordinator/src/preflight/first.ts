import type { DeployOptions } from '../commands/options.ts'
import { problem, type Problem } from './problem.ts'
import type { Roles } from './roles.ts'

/** What a service without an instance asks of its first deployment: nothing can be copied from. */
export function checkFirst(
  { service, version, desired, canary }: Pick<DeployOptions, 'service' | 'version' | 'desired' | 'canary'>,
  { live, idle, first }: Roles,
): Problem[] {
  if (!first) return []
  const problems: Problem[] = []
  if (desired === null)
    problems.push(
      problem(
        `Neither ${idle.group.name} nor ${live.group.name} has an instance: say with --desired N how many ${version} begins with.`,
        `switchover deploy ${service} ${version} --desired N`,
      ),
    )
  if (canary !== null)
    problems.push(
      problem(
        `A canary runs beside a live group, and nothing of ${service} is live: deploy without --canary.`,
      ),
    )
  return problems
}
