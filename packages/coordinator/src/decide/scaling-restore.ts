import type { PolicyDefinition, ScheduledActionDefinition } from '@switchover/contract/scaling'
import type { Side } from './fleet.ts'
import { definitions, policyFor, sameAction, sameAlarm, samePolicy } from './scaling-definitions.ts'
import { isOver } from './scaling-schedule.ts'
import type { KeptValue } from './step.ts'
import type { GroupScaling, World } from './world.ts'

/** Whether a policy is the original or one this deployment put: anything else is by another hand, and stays. */
export function canOverwritePolicy({ deployment }: World, side: Side, policy: PolicyDefinition): boolean {
  const journal = deployment.scaling?.[side]
  return [...(journal?.before.policies ?? []), ...(journal?.written.policies ?? [])].some(
    (one) => one.name === policy.name && samePolicy(one, policy),
  )
}

export function canOverwriteAction(
  { deployment }: World,
  side: Side,
  action: ScheduledActionDefinition,
): boolean {
  const journal = deployment.scaling?.[side]
  return [...(journal?.before.actions ?? []), ...(journal?.written.actions ?? [])].some(
    (one) => one.name === action.name && sameAction(one, action),
  )
}

/** All there is: the service's scaling goes with its traffic, whoever defined it last. */
export function all(_: World, scaling: GroupScaling): GroupScaling {
  return scaling
}

/** What this deployment put on the new group, in whatever shape it is now; what another hand added there stays. */
export function putByUs({ deployment }: World, scaling: GroupScaling): GroupScaling {
  const { policies = [], actions = [] } = deployment.scaling?.new.written ?? {}
  return {
    policies: scaling.policies.filter(({ name }) => policies.some((one) => one.name === name)),
    alarms: scaling.alarms,
    actions: scaling.actions.filter(({ name }) => actions.some((one) => one.name === name)),
  }
}

/** What the new group has just the same: on the parked group it is one too many. */
export function twins(world: World, scaling: GroupScaling): GroupScaling {
  const there = world.scaling?.new
  const [from, to] = [world.old.name, world.new.name]
  return {
    policies: scaling.policies.filter(
      (one) =>
        there?.policies.some(
          (twin) => twin.name === one.name && samePolicy(policyFor(one, from, to), twin),
        ) ?? false,
    ),
    alarms: scaling.alarms,
    actions: scaling.actions.filter((one) => there?.actions.some((twin) => sameAction(one, twin)) ?? false),
  }
}

type Named = { name: string }

function differences<T extends Named>(
  what: string,
  [before, now]: readonly [readonly T[], readonly T[]],
  same: (a: T, b: T) => boolean,
): Omit<KeptValue, 'group'>[] {
  const names = [...new Set([...before, ...now].map(({ name }) => name))].toSorted()
  return names.flatMap((name) => {
    const [was, is] = [before, now].map((all) => all.find((one) => one.name === name))
    if (was !== undefined && is !== undefined && same(was, is)) return []
    return [{ field: `${what} ${name}`, value: definition(is), original: definition(was) }]
  })
}

function definition(one: object | undefined): string {
  return one === undefined ? 'none' : JSON.stringify(one)
}

/** Definitions of a group that are not as recorded, because another hand changed them. */
export function keptScaling({ deployment, scaling, now, ...world }: World, side: Side): KeptValue[] {
  const journal = deployment.scaling
  if (journal === null || scaling === null) return []
  const [before, after] = [journal[side].before, definitions(scaling[side])]
  // One that is over has gone by itself.
  const going = (all: readonly ScheduledActionDefinition[]) => all.filter((action) => !isOver(action, now))
  return [
    ...differences('policy', [before.policies, after.policies], samePolicy),
    ...differences('alarm', [before.alarms, after.alarms], sameAlarm),
    ...differences('scheduled action', [going(before.actions), going(after.actions)], sameAction),
  ].map((one) => ({ group: world[side].name, ...one }))
}

/** Definitions left on a parked group, because another hand put them there. */
export function leftScaling({ scaling, ...world }: World, side: Side): KeptValue[] {
  if (scaling === null) return []
  const group = world[side].name
  const { policies, actions } = definitions(scaling[side])
  return [
    ...policies.map((policy) => ({ ...left('policy', policy), group })),
    ...actions.map((action) => ({ ...left('scheduled action', action), group })),
  ]
}

function left(what: string, one: Named): Omit<KeptValue, 'group'> {
  return { field: `${what} ${one.name}`, value: definition(one), original: 'none' }
}
