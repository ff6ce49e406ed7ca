import type { ScheduledActionDefinition } from '@switchover/contract/scaling'
import type { Side } from './fleet.ts'
import { ModelRefusal, reconcile, sideOf, withGroup } from './model-group.ts'
import { calledBy } from './scaling-definitions.ts'
import type { StepOf } from './step.ts'
import type { GroupScaling, Policy, World } from './world.ts'

/** How policies, alarms and schedules of the modelled world behave. */

const day = 86_400_000

function withScaling(world: World, side: Side, change: Partial<GroupScaling>): World {
  if (world.scaling === null) throw new Error('This world has no scaling.')
  const next = { ...world.scaling, [side]: { ...world.scaling[side], ...change } }
  const alarms = new Map(
    [...world.scaling.old.alarms, ...world.scaling.new.alarms].map((one) => [one.name, one]),
  )
  for (const one of change.alarms ?? []) alarms.set(one.name, one)
  const calling = ({ policies }: GroupScaling) =>
    [...alarms.values()].filter((one) =>
      calledBy(one).some((arn) => policies.some((policy) => policy.arn === arn)),
    )
  const scaling = {
    old: { ...next.old, alarms: calling(next.old) },
    new: { ...next.new, alarms: calling(next.new) },
  }
  return { ...world, scaling }
}

const scalingOf = (world: World, side: Side): GroupScaling =>
  world.scaling?.[side] ?? { policies: [], alarms: [], actions: [] }

export function putPolicy(world: World, { group, policy }: StepOf<'put-policy'>): World {
  const side = sideOf(world, group)
  const { policies } = scalingOf(world, side)
  const known = policies.find(({ name }) => name === policy.name)
  const unique = `${world.deployment.journal.length}`
  const arn = `arn:aws:autoscaling:r:1:scalingPolicy:${unique}:autoScalingGroupName/${group}:policyName/${policy.name}`
  const put: Policy = { ...policy, arn: known?.arn ?? arn }
  return withScaling(world, side, { policies: [...policies.filter((one) => one !== known), put] })
}

export function deletePolicy(world: World, { group, policy }: StepOf<'delete-policy'>): World {
  const side = sideOf(world, group)
  const { policies } = scalingOf(world, side)
  const gone = policies.find(({ name }) => name === policy)
  if (gone === undefined) throw new ModelRefusal(`No policy ${policy} in ${group}.`)
  return withScaling(world, side, { policies: policies.filter((one) => one !== gone) })
}

export function putAlarm(world: World, { group, alarm }: StepOf<'put-alarm'>): World {
  return withScaling(world, sideOf(world, group), { alarms: [alarm] })
}

export function putActions(world: World, { group, actions }: StepOf<'put-actions'>): World {
  const side = sideOf(world, group)
  if (actions.length > 50) throw new ModelRefusal('At most 50 scheduled actions a call.')
  const next = actions.map((action): ScheduledActionDefinition => {
    if (action.startsAt !== null && action.startsAt <= world.now)
      throw new ModelRefusal('Given start time is in the past')
    return action.recurrence === null ? action : { ...action, startsAt: action.startsAt ?? world.now + day }
  })
  const names = new Set(actions.map(({ name }) => name))
  const others = scalingOf(world, side).actions.filter(({ name }) => !names.has(name))
  return withScaling(world, side, { actions: [...others, ...next] })
}

export function deleteActions(world: World, { group, actions }: StepOf<'delete-actions'>): World {
  const side = sideOf(world, group)
  const left = scalingOf(world, side).actions.filter(({ name }) => !actions.includes(name))
  return withScaling(world, side, { actions: left })
}

/** Runs what is due: one that recurs has its next run a day later, one that does not is gone. */
export function runSchedules(world: World, side: Side): World {
  const { actions } = scalingOf(world, side)
  const due = actions.filter(({ startsAt }) => startsAt !== null && startsAt <= world.now)
  if (due.length === 0) return world
  const left = actions.flatMap((action) => {
    if (!due.includes(action)) return [action]
    return action.recurrence === null ? [] : [{ ...action, startsAt: world.now + day }]
  })
  const next = withScaling(world, side, { actions: left })
  if (world[side].suspended.includes('ScheduledActions')) return next
  return due.reduce((state, action) => runAction(state, side, action), next)
}

/** Sizes as the action says; AWS leaves the group alone where they do not fit. */
export function runAction(
  world: World,
  side: Side,
  sizes: Pick<ScheduledActionDefinition, 'min' | 'max' | 'desired'>,
): World {
  const group = world[side]
  const [min, max] = [sizes.min ?? group.min, sizes.max ?? group.max]
  const desired = sizes.desired ?? Math.min(max, Math.max(min, group.desired))
  if (min > max || desired < min || desired > max) return world
  return reconcile(withGroup(world, side, { min, max, desired }), side)
}
