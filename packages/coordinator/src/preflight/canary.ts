import type { CanarySize, DeployOptions } from '../commands/options.ts'
import { count } from '../decide/words.ts'
import { problem, type Problem } from './problem.ts'
import { sizeOf, type Roles } from './roles.ts'

/** New instances to run as canaries: a part of live is rounded up. */
export function canariesOf(asked: CanarySize, roles: Roles): number {
  if ('count' in asked) return asked.count
  return Math.max(1, Math.ceil((sizeOf(roles.live) * asked.percent) / 100))
}

/** As many canaries as live has instances are no canary: that is the deployment itself. */
export function checkCanary({ canary }: Pick<DeployOptions, 'canary'>, roles: Roles): Problem[] {
  if (canary === null || roles.first) return []
  const [canaries, size] = [canariesOf(canary, roles), sizeOf(roles.live)]
  if (canaries < size) return []
  return [
    problem(
      `${count(canaries, 'canary', 'canaries')} beside ${count(size, 'instance')} of ${roles.live.group.name} would be no part of them: ask for fewer, or deploy without --canary.`,
    ),
  ]
}
