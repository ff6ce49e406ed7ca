import type { Side } from './fleet.ts'
import type { Ladder, Rule } from './ladder.ts'
import { policyFor, sameAction, samePolicy, alarmFor, calledBy } from './scaling-definitions.ts'
import { canOverwriteAction, canOverwritePolicy } from './scaling-restore.ts'
import { dueWords, isDue, isOver, sendable } from './scaling-schedule.ts'
import { actionsPerCall } from './step.ts'
import type { Step } from './step.ts'
import { list } from './words.ts'
import type { Group, GroupScaling, Policy, World } from './world.ts'

/** What of a group's scaling moves. */
export type Selection = (world: World, scaling: GroupScaling) => GroupScaling

/** One move as it stands: what is to leave `from`, and what `to` has by now. */
type Move = Readonly<{ from: Group; to: Group; leaving: GroupScaling; there: GroupScaling; toSide: Side }>

type MoveRule = (world: World, move: Move) => Step | null

const isStepped = ({ type }: Policy) => type === 'SimpleScaling' || type === 'StepScaling'

const waitOutSchedule: MoveRule = ({ now }, { from, leaving }) => {
  const due = leaving.actions.find((action) => isDue(action, from, now))
  if (due === undefined) return null
  return {
    kind: 'wait',
    waitingFor: `scheduled action ${due.name} of ${from.name} to run, due ${dueWords(due, now)}`,
    instances: [],
    schedule: due.name,
    why: `${due.name} of ${from.name} is about to run: moved now it might run twice, or not at all.`,
  }
}

/** Batch by batch, so that one that is on both groups leaves the first of them with the next call. */
const moveSchedules: MoveRule = (world, move) => removeSchedules(world, move) ?? putSchedules(world, move)

const removeSchedules: MoveRule = ({ now }, { from, to, leaving, there }) => {
  const known = new Set(there.actions.map(({ name }) => name))
  const over = leaving.actions.filter((action) => isOver(action, now)).map(({ name }) => name)
  const moved = leaving.actions.map(({ name }) => name).filter((name) => known.has(name))
  const actions = [...new Set([...over, ...moved])].slice(0, actionsPerCall)
  if (actions.length === 0) return null
  const past = over.filter((name) => actions.includes(name))
  const words = past.length > 0 ? `; ${list(past)} will not run again and stays behind` : ''
  return {
    kind: 'delete-actions',
    group: from.name,
    actions,
    why: `Scheduled actions of ${from.name} belong to ${to.name} from now on${words}.`,
  }
}

const putSchedules: MoveRule = (world, { from, to, leaving, there, toSide }) => {
  const actions = leaving.actions
    .filter((action) => {
      if (isOver(action, world.now)) return false
      const known = there.actions.find(({ name }) => name === action.name)
      return known === undefined || (!sameAction(known, action) && canOverwriteAction(world, toSide, known))
    })
    .slice(0, actionsPerCall)
    .map((action) => sendable(action, world.now))
  if (actions.length === 0) return null
  const why = `Scheduled actions go with the traffic, from ${from.name} to ${to.name}.`
  return { kind: 'put-actions', group: to.name, actions, why }
}

function putPolicy(world: World, move: Move, policy: Policy): Step | null {
  const { from, to, there, toSide } = move
  const wanted = policyFor(policy, from.name, to.name)
  const known = there.policies.find(({ name }) => name === policy.name)
  if (known !== undefined && (samePolicy(known, wanted) || !canOverwritePolicy(world, toSide, known)))
    return null
  const why = `Policy ${policy.name} goes with the traffic, from ${from.name} to ${to.name}.`
  return { kind: 'put-policy', group: to.name, policy: wanted, why }
}

function deletePolicy({ from, to }: Move, { name }: Policy): Step {
  const why = `Policy ${name} belongs to ${to.name} from now on.`
  return { kind: 'delete-policy', group: from.name, policy: name, why }
}

const firstOf = (policies: readonly Policy[], step: (policy: Policy) => Step | null) =>
  policies.reduce<Step | null>((found, policy) => found ?? step(policy), null)

/**
 * A target tracking or predictive policy acts by itself and is on both groups for one call only. A simple or step policy
 * does nothing without its alarms: all of them are put first, for an alarm may call several.
 */
const movePolicies: MoveRule = (world, move) =>
  firstOf(move.leaving.policies, (policy) => {
    const put = putPolicy(world, move, policy)
    return put ?? (isStepped(policy) ? null : deletePolicy(move, policy))
  })

/** The one call that takes an alarm from the policies of one group to those of the other (API reference, PutMetricAlarm). */
const moveAlarms: MoveRule = (_, { from, to, leaving, there }) => {
  const pairs = leaving.policies.flatMap(({ name, arn }): [string, string][] => {
    const twin = there.policies.find((policy) => policy.name === name)
    return twin === undefined ? [] : [[arn, twin.arn]]
  })
  const arns = new Map(pairs)
  const alarm = leaving.alarms.find((one) => calledBy(one).some((arn) => arns.has(arn)))
  if (alarm === undefined) return null
  return {
    kind: 'put-alarm',
    group: to.name,
    alarm: alarmFor(alarm, arns, from.name, to.name),
    why: `Alarm ${alarm.name} calls the policies of ${to.name} from now on.`,
  }
}

/**
 * Only when no alarm calls it any more: deleting a policy takes it out of its alarms (Auto Scaling user guide,
 * deleting-scaling-policy).
 */
const removePolicies: MoveRule = (_, move) =>
  firstOf(move.leaving.policies.filter(isStepped), (policy) => deletePolicy(move, policy))

/**
 * Moves the selected definitions of one group to the other. Put there first, then deleted here, so that each exists at any
 * moment; what is there by another hand is not overwritten.
 */
export function scalingMoves(from: Side, select: Selection) {
  const rule =
    (move: MoveRule): Rule =>
    (world) => {
      if (world.scaling === null) return null
      const to = from === 'old' ? 'new' : 'old'
      const leaving = select(world, world.scaling[from])
      return move(world, { from: world[from], to: world[to], leaving, there: world.scaling[to], toSide: to })
    }
  return {
    waitOutSchedule: rule(waitOutSchedule),
    moveSchedules: rule(moveSchedules),
    movePolicies: rule(movePolicies),
    moveAlarms: rule(moveAlarms),
    removePolicies: rule(removePolicies),
  } satisfies Ladder
}
