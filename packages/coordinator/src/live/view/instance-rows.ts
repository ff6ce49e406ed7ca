import { formatBytes } from '@switchover/contract/bytes'
import {
  agentCell,
  balancerCell,
  barSpans,
  illness,
  lifecycleCell,
  narrow,
  percent,
  placeCell,
  share,
  wide,
} from './instance-cells.ts'
import { span, type Line, type Signs } from './line.ts'
import type { GroupSight, InstanceSight } from './sight.ts'

/** Who, lifecycle, load balancer, agent; or who and what tells most, where there is little room. */
type Row = readonly Line[]

export type RowOptions = Readonly<{ now: number; width: number; signs: Signs }>

/** Of those who pull, so many of the slowest are named. */
const slowestNamed = 2
/** Members of a class that is no larger are named beside a large fleet. */
const few = 3

/** Instances that stand at the same point. */
type Class = { members: InstanceSight[]; first: InstanceSight }

export function eachRow(instances: readonly InstanceSight[], options: RowOptions): Row[] {
  return instances.map((one) => rowOf(span(one.id), one, options))
}

/** A row a class. */
export function classRows({ instances }: GroupSight, options: RowOptions): Row[] {
  const digits = String(instances.length).length
  return classesOf(instances).map(({ members, first }) => {
    const who = span(String(members.length).padStart(digits), 'bold')
    const [count, ...cells] = rowOf(who, first, options, together(members, options))
    return [count ?? [], ...cells]
  })
}

/** Those of a grouped fleet whom a person wants to know by name, the worst first. */
export function namedRows({ instances }: GroupSight, options: RowOptions, most: number): Row[] {
  const classes = classesOf(instances)
  const rare = classes.flatMap(({ members }) => (classes.length > 1 && members.length <= few ? members : []))
  const slow = instances
    .filter(({ agent }) => typeof agent?.progress?.total === 'number')
    .toSorted((a, b) => pulled(a) - pulled(b))
    .slice(0, slowestNamed)
  const named = new Set([...instances.filter(isTrouble), ...rare, ...slow])
  return eachRow([...named].slice(0, Math.max(0, most)), options)
}

function isTrouble({ agent, machine, balancer, lifecycle, unhealthy }: InstanceSight): boolean {
  const ill = lifecycle === 'InService' && ['unhealthy', 'unavailable'].includes(balancer?.state ?? '')
  return unhealthy || ill || machine !== null || (agent?.trouble ?? null) !== null
}

function pulled({ agent }: InstanceSight): number {
  const { bytes = 0, total = 0 } = agent?.progress ?? {}
  return share(bytes, total ?? 0)
}

function rowOf(who: Line[number], one: InstanceSight, options: RowOptions, agent?: Line): Row {
  const { now, width, signs } = options
  const said = agent ?? agentCell(one, now, width, signs)
  const more = [...said, ...illness(one)]
  if (width >= wide) return [[who], [lifecycleCell(one)], [balancerCell(one, signs)], more]
  if (width >= narrow) return [[who], placeCell(one, signs), more]
  const boots = one.lifecycle.startsWith('Pending') && one.agent?.phase !== 'parked'
  const tells = boots || one.machine !== null || Boolean(one.agent?.trouble)
  return [[who], tells && said.length > 0 ? said : placeCell(one, signs)]
}

function classesOf(instances: readonly InstanceSight[]): Class[] {
  const classes = new Map<string, Class>()
  for (const one of instances) {
    const key = classOf(one)
    const known = classes.get(key)
    if (known) known.members.push(one)
    else classes.set(key, { members: [one], first: one })
  }
  return [...classes.values()].toSorted((a, b) => placeOf(a.first) - placeOf(b.first))
}

function classOf({ lifecycle, balancer, agent, machine, unhealthy }: InstanceSight): string {
  const trouble = agent?.trouble ? [agent.trouble.terminal, agent.trouble.sentence] : null
  return JSON.stringify([lifecycle, balancer?.state, balancer?.in, agent?.phase, trouble, machine, unhealthy])
}

const lifecycles = ['Pending', 'Pending:Wait', 'Pending:Proceed', 'InService', 'EnteringStandby', 'Standby']
const phases = ['booting', 'identifying', 'resolving', 'pulling', 'retagging', 'starting', 'verifying']

/** Trouble first, then in the order of life, so that rows keep their places. */
function placeOf(one: InstanceSight): number {
  const stage = lifecycles.indexOf(one.lifecycle)
  const phase = one.agent?.phase ? phases.indexOf(one.agent.phase) : -1
  const late = one.agent !== null && one.agent.phase !== null && phase < 0 ? phases.length : phase
  const healthy = one.balancer?.state === 'healthy' ? 0.5 : 0
  const place = (stage < 0 ? lifecycles.length : stage) * 10 + late + 1 + healthy
  return isTrouble(one) ? place - 1_000 : place
}

/** What a class does together: of pulls, what they have of all they need, as far as reported. */
function together(members: readonly InstanceSight[], { width, signs, now }: RowOptions): Line {
  const [first] = members
  if (first === undefined) return []
  const pulls = members.flatMap(({ agent }) =>
    agent?.phase === 'pulling' && agent.trouble === null && agent.progress !== null ? agent.progress : [],
  )
  if (pulls.length === 0)
    return agentCell({ ...first, agent: first.agent && undated(first.agent) }, now, width, signs)
  const known = pulls.flatMap(({ bytes, total }) => (total === null ? [] : { bytes, total }))
  const [bytes, total] = [sum(known.map((one) => one.bytes)), sum(known.map((one) => one.total))]
  const perSecond = sum(pulls.map((one) => one.bytesPerSecond))
  if (perSecond === 0) return [span('pulling')]
  const rate = `${formatBytes(perSecond)}/s`
  if (known.length < members.length) return [span(`pulling, ${rate} together`)]
  return [
    span('pulling '),
    ...barSpans(bytes, total, width, signs),
    span(`${percent(bytes, total)} of ${formatBytes(total)}, ${rate} together`),
  ]
}

/** Without what holds for one of a class alone. */
function undated(agent: NonNullable<InstanceSight['agent']>): NonNullable<InstanceSight['agent']> {
  return { ...agent, since: null, saidAt: null }
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}
