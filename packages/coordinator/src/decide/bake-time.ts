import type { Deployment } from '@switchover/contract/deployment'

type Timed = Pick<Deployment, 'goal' | 'flags' | 'marks'>

/** Milliseconds that the present goal bakes: the canaries of a canary, else the new fleet once it serves alone. */
export function bakeMs({ goal, flags }: Pick<Deployment, 'goal' | 'flags'>): number {
  const here = goal === 'canary' || flags.canary === null
  return here ? (flags.bakeMs ?? 0) : 0
}

/** Milliseconds that the new fleet is watched on top, before the deployment finishes by itself. */
function finishMs({ goal, flags }: Timed): number {
  return goal === 'deploy' ? (flags.finishAfterMs ?? 0) : 0
}

/** When the bake ends, by the store's clock; null while it has not begun. */
export function bakedAt(deployment: Timed): number | null {
  const { bakeAt } = deployment.marks
  return bakeAt === null ? null : bakeAt + bakeMs(deployment)
}

/** When nothing is left to watch for, by the store's clock; null while watching has not begun. */
export function watchedUntil(deployment: Timed): number | null {
  const baked = bakedAt(deployment)
  return baked === null ? null : baked + finishMs(deployment)
}
