import { entering, inService, pending } from './fleet.ts'
import type { World } from './world.ts'

/** What must not happen to a group that is being parked. Never Launch nor AddToLoadBalancer: ExitStandby needs them. */
export const heldProcesses = ['AlarmNotification', 'ScheduledActions', 'AZRebalance'] as const

/** Whether the old group can no longer shrink, grow or rebalance by itself. */
export function closed(world: World): boolean {
  return heldProcesses.every((process) => world.old.suspended.includes(process))
}

/** Whether the old group has instances in the load balancer or on their way there. */
export function oldServes(world: World): boolean {
  return inService(world.old).length + pending(world.old).length > 0
}

/** Whether the old fleet is parked to the last instance. */
export function parkedAll(world: World): boolean {
  return (
    world.deployment.marks.switchedAt !== null &&
    closed(world) &&
    !oldServes(world) &&
    entering(world.old).length === 0 &&
    world.old.min === 0 &&
    world.old.desired === 0
  )
}

/** Whether the new group was let go after the switch: from then on it may scale in, and fewer instances are no fault. */
export function letGo(world: World): boolean {
  return parkedAll(world) && world.new.min < world.deployment.required
}
