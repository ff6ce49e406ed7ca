import type { Flags } from '@switchover/contract/deployment'
import type { Settings } from '@switchover/contract/scaling'
import type { AwsClients } from '../aws/clients.ts'
import { classify, errorText } from '../aws/errors.ts'
import { actingProcesses } from '../decide/exchange.ts'
import { policyFor, sameAction, samePolicy } from '../decide/scaling-definitions.ts'
import type { GroupScaling } from '../decide/world.ts'
import { readScaling } from '../run/scaling.ts'
import { collecting, problem } from './problem.ts'
import type { Problem } from './problem.ts'
import type { Roles } from './roles.ts'
import { Refusal } from '../events.ts'

type Scaling = Flags['scaling']

export type ScalingChoice = Readonly<{
  scaling: Scaling
  problems: readonly Problem[]
  /** What to know of it, for people. */
  warnings: readonly string[]
}>

type Owned = Readonly<{ name: string; scaling: GroupScaling; suspended: readonly string[] }>

/**
 * What is to become of policies and scheduled actions: as asked for, else moved, unless both groups own the same.
 * @param asked what `--scaling` says, null where it was not given
 */
export async function chooseScaling(
  clients: AwsClients,
  asked: Scaling | null,
  roles: Roles | null,
): Promise<ScalingChoice> {
  if (asked === 'none' || roles === null) return { scaling: 'none', problems: [], warnings: [] }
  if (roles.first) return { scaling: 'none', problems: [], warnings: await leftBehind(clients, roles) }
  const problems: Problem[] = []
  const [live, idle] = await Promise.all([
    collecting(problems, owned(clients, roles.live)),
    collecting(problems, owned(clients, roles.idle)),
  ])
  if (live === null || idle === null) return { scaling: 'move', problems, warnings: [] }
  const twins = alike(live, idle)
  if (asked === 'swap') {
    const other = `${idle.name} owns other policies or scheduled actions than ${live.name}, and acts on its own after the switch.`
    return { scaling: 'swap', problems, warnings: [...(twins ? [] : [other]), ...unsuspended(idle)] }
  }
  if (asked === null && twins && names(idle).length > 0) {
    const said = `${live.name} and ${idle.name} own the same policies and scheduled actions: none is moved, suspensions are exchanged (--scaling swap).`
    return { scaling: 'swap', problems, warnings: [said, ...unsuspended(idle)] }
  }
  return {
    scaling: 'move',
    problems: [...inTheWay(live, idle), ...immovable(live, idle)],
    warnings: [...forecasts(live), ...deaf(live, idle)],
  }
}

async function owned(clients: AwsClients, { group }: Roles['live']): Promise<Owned> {
  try {
    const scaling = await readScaling(clients, group.name)
    return { name: group.name, scaling, suspended: group.suspended }
  } catch (error) {
    if (classify(error) !== 'denied') throw error
    const why = errorText(error).replace(/\.$/, '')
    const sentence = `Policies, their alarms and scheduled actions of ${group.name} cannot be read (${why}): allow it, or give --scaling none.`
    throw new Refusal(2, 'refused', sentence, null, error)
  }
}

/** Nothing moves in a first deployment, for no traffic does. What cannot be read is not needed either. */
async function leftBehind(clients: AwsClients, { live: empty, idle: first }: Roles): Promise<string[]> {
  const found = await collecting([], owned(clients, empty))
  if (found === null || names(found).length === 0) return []
  return [
    `${empty.group.name}, which stays empty, has policies or scheduled actions (${names(found).join(', ')}): a first deployment moves none, and they may launch instances there; put on ${first.group.name} those that are to go with the traffic.`,
  ]
}

const names = ({ scaling }: Owned) => [...scaling.policies, ...scaling.actions].map(({ name }) => name)

/** Whether every definition of one has its like in the other; tools name policies after their group. */
function alike(a: Owned, b: Owned): boolean {
  const policies = ({ scaling, name }: Owned) =>
    scaling.policies.map((policy) => ({ ...policyFor(policy, name, ''), name: '' }))
  const actions = ({ scaling }: Owned) => scaling.actions.map((action) => ({ ...action, name: '' }))
  return pairs(policies(a), policies(b), samePolicy) && pairs(actions(a), actions(b), sameAction)
}

function pairs<T>(some: readonly T[], others: readonly T[], same: (a: T, b: T) => boolean): boolean {
  const left = [...others]
  for (const one of some) {
    const at = left.findIndex((other) => same(one, other))
    if (at < 0) return false
    left.splice(at, 1)
  }
  return left.length === 0
}

/** Nothing of the idle group's own is overwritten or given to traffic that it was not meant for. */
function inTheWay(live: Owned, idle: Owned): Problem[] {
  if (names(idle).length === 0) return []
  const { policies, actions } = live.scaling
  const clashes = [
    ...idle.scaling.policies
      .filter((one) => {
        const twin = policies.find(({ name }) => name === one.name)
        return twin !== undefined && !samePolicy(policyFor(twin, live.name, idle.name), one)
      })
      .map(({ name }) => `Policy ${name}`),
    ...idle.scaling.actions
      .filter((one) => actions.some((twin) => twin.name === one.name && !sameAction(twin, one)))
      .map(({ name }) => `Scheduled action ${name}`),
  ]
  return [
    problem(
      `${idle.name} has policies or scheduled actions of its own (${names(idle).join(', ')}): delete them, or give --scaling swap or --scaling none.`,
    ),
    ...clashes.map((what) => problem(`${what} is not the same on ${live.name} and on ${idle.name}.`)),
  ]
}

/** A group's name in the text of a query is not rewritten: nobody can say what the query means by it. */
function immovable(live: Owned, idle: Owned): Problem[] {
  const named = ({ settings }: { settings: Settings }) =>
    expressions(settings).some((one) => one.includes(live.name))
  return [
    ...live.scaling.policies.filter(named).map(({ name }) => `Policy ${name}`),
    ...live.scaling.alarms.filter(named).map(({ name }) => `Alarm ${name}`),
  ].map((what) =>
    problem(
      `${what} asks for ${live.name} by name in an expression, which cannot be moved to ${idle.name}: use a dimension, or give --scaling swap or --scaling none.`,
    ),
  )
}

function expressions(value: Settings[string]): string[] {
  if (Array.isArray(value)) return value.flatMap(expressions)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) =>
    key === 'Expression' && typeof one === 'string' ? [one] : expressions(one),
  )
}

function forecasts(live: Owned): string[] {
  return live.scaling.policies
    .filter(({ type }) => type === 'PredictiveScaling')
    .map(
      ({ name }) =>
        `Predictive policy ${name} loses its forecast when it moves: for a day it predicts nothing.`,
    )
}

/** The operator's own suspensions stay: what moves to such a group waits until they resume it. */
function deaf(live: Owned, idle: Owned): string[] {
  if (names(live).length === 0) return []
  return acting(idle, true).map(
    (process) =>
      `${process} is suspended on ${idle.name}, so that what moves there does not act until you resume it.`,
  )
}

function unsuspended(idle: Owned): string[] {
  if (names(idle).length === 0) return []
  return acting(idle, false).map(
    (process) =>
      `${process} is not suspended on ${idle.name}: its own policies and scheduled actions may launch there while it is idle.`,
  )
}

const acting = ({ suspended }: Owned, is: boolean) =>
  actingProcesses.filter((process) => suspended.includes(process) === is)
