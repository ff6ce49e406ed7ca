import type { DeployOptions } from '../commands/options.ts'
import { noHooks, type Hooks } from '../aws/groups.ts'
import { problem, type Problem } from './problem.ts'
import type { Roles } from './roles.ts'

/** `--release together` holds instances in a launch hook until enough of them report that they are ready. */
export function checkRelease(
  { release, readiness }: Pick<DeployOptions, 'release' | 'readiness'>,
  { idle }: Roles,
  hooks: ReadonlyMap<string, Hooks>,
): Problem[] {
  if (release !== 'together') return []
  const { name } = idle.group
  const problems: Problem[] = []
  if ((hooks.get(name) ?? noHooks).launching.length === 0)
    problems.push(
      problem(
        `--release together needs a launch hook on ${name}: without one instances join the load balancer as they come.`,
        `aws autoscaling put-lifecycle-hook --auto-scaling-group-name ${name} --lifecycle-hook-name boot --lifecycle-transition autoscaling:EC2_INSTANCE_LAUNCHING --heartbeat-timeout 600 --default-result ABANDON`,
      ),
    )
  if (readiness === 'load-balancer')
    problems.push(
      problem(
        '--release together goes by what agents report before instances join, and --readiness load-balancer asks none: leave one of them out.',
      ),
    )
  return problems
}
