import type { Deployment } from '@switchover/contract/deployment'
import { watchedUntil } from './bake-time.ts'

/** Since when what goes wrong counts: the beginning of the goal, or the last time somebody went on with it. */
export function judgedFrom({ marks }: Pick<Deployment, 'marks'>): number {
  return Math.max(marks.begunAt, marks.resumedAt ?? 0)
}

/**
 * Since when a time limit runs: what comes after the switch, or after the bake, has a limit of its own, and so has being
 * short of healthy instances while the new ones are watched.
 */
export function limitedFrom(deployment: Pick<Deployment, 'goal' | 'flags' | 'marks'>): number {
  const { switchedAt, shortAt } = deployment.marks
  return Math.max(judgedFrom(deployment), switchedAt ?? 0, shortAt ?? watchedUntil(deployment) ?? 0)
}
