import type { Deployment } from '@switchover/contract/deployment'

/** Since when what goes wrong counts: the beginning of the goal, or the last time somebody went on with it. */
export function judgedFrom({ marks }: Pick<Deployment, 'marks'>): number {
  return Math.max(marks.begunAt, marks.resumedAt ?? 0)
}

/** Since when a time limit runs: what comes after the switch has a limit of its own. */
export function limitedFrom(deployment: Pick<Deployment, 'marks'>): number {
  return Math.max(judgedFrom(deployment), deployment.marks.switchedAt ?? 0)
}
