import { formatDuration } from '@switchover/contract/duration'
import type { Report } from '@switchover/contract/report'
import { entering, gaveUp, ids, standby } from '../../decide/fleet.ts'
import { count, list } from '../../decide/words.ts'
import type { Group, Instance, MachineState } from '../../decide/world.ts'
import type { ImagesState } from './images.ts'
import { becomingHealthyMs, longest, type TrafficSettings } from './traffic.ts'

/** What a rollback would find. Read while a fleet is parked, and only then. */
export type RollbackFacts = Readonly<{
  /** Milliseconds since the epoch, by the store's clock. */
  now: number
  /** When traffic left the parked fleet: from then on its agents owe a report a minute. */
  parkedSince: number
  /** False under `--readiness load-balancer`: there are no agents to hear of. */
  agents: boolean
  parked: Group
  machines: ReadonlyMap<string, MachineState>
  reports: ReadonlyMap<string, Report>
  /** When those reports were written. Milliseconds since the epoch. */
  heardAt: ReadonlyMap<string, number>
  /** Instances the service needs now: what is required, or more where more are in service. */
  demand: number
  /** What a launch in the parked group would pull. */
  images: ImagesState
  traffic: readonly TrafficSettings[]
  /** How long an instance took from its agent's start to ready, null where none says so. Milliseconds. */
  bootMs: number | null
}>

export type RollbackReadiness = Readonly<{
  ready: boolean
  /** Why it is not ready, a sentence each. */
  reasons: readonly string[]
  /** What could not be found out, and what takes long. */
  notes: readonly string[]
  /** Milliseconds from the command until all new traffic goes to the version before, at the longest; null: nobody knows. */
  estimateMs: number | null
}>

/** Three reports a parked agent would have written meanwhile. Milliseconds. */
const staleMs = 180_000

type Rule = (facts: RollbackFacts) => string | null

/** Each gives its reason, or null where there is none. */
const rules: Readonly<Record<string, Rule>> = {
  nothingParked: ({ parked }) =>
    waiting(parked).length === 0 ? `No instance of ${parked.name} is parked any more.` : null,
  deadMachines: (facts) => {
    const dead = standby(facts.parked).filter(({ id }) => !runs(facts, id))
    return dead.length === 0
      ? null
      : `Not running, says EC2: ${list(dead.map(({ id }) => `${id} (${facts.machines.get(id) ?? 'missing'})`))}.`
  },
  silentAgents: (facts) => named(facts, isSilent, 'No word from their agents within three minutes'),
  unwellAgents: (facts) => {
    const unwell = judged(facts).filter(({ id }) => !isSilent(facts, id) && !isWell(facts.reports.get(id)))
    const said = ({ id }: Instance) => `${id} (${sayReport(facts.reports.get(id))})`
    return unwell.length === 0 ? null : `Not healthy, say their agents: ${list(unwell.map(said))}.`
  },
  suspended: ({ parked }) => {
    const needed = ['Launch', 'AddToLoadBalancer'].filter((process) => parked.suspended.includes(process))
    return needed.length === 0
      ? null
      : `${needed.join(' and ')} suspended on ${parked.name}: no instance could come back into service.`
  },
  maxTooSmall: (facts) => {
    const { parked } = facts
    const wanted = Math.max(parked.desired + returnable(facts).length, facts.demand)
    return parked.max >= wanted
      ? null
      : `MaxSize of ${parked.name} is ${parked.max}, ${wanted} are needed: rollback has to raise it.`
  },
  draining: ({ parked, traffic }) => {
    const still = entering(parked)
    if (still.length === 0) return null
    const drain = formatDuration(longest(traffic, ({ drainMs }) => drainMs))
    return `Still draining, ${drain} at the longest: ${list(ids(still))}.`
  },
  outgrown: (facts) => {
    const missing = lacking(facts)
    const back = returnable(facts).length
    return missing === 0
      ? null
      : `${count(facts.demand, 'instance')} needed, ${back} can come back: rollback has to launch ${missing}.`
  },
  imageGone: ({ images }) => (images.state === 'missing' ? images.sentence : null),
}

/** Whether a rollback given now would bring the parked fleet back without a hitch, and in what time. */
export function judgeRollback(facts: RollbackFacts): RollbackReadiness {
  const reasons = Object.values(rules).flatMap((rule) => rule(facts) ?? [])
  return { ready: reasons.length === 0, reasons, notes: notesOn(facts), estimateMs: estimate(facts) }
}

function notesOn({ images, traffic }: RollbackFacts): string[] {
  const notes =
    images.state === 'unknown' ? [`Not known whether the image is still there: ${images.sentence}`] : []
  for (const { name, kind, slowStartMs } of traffic) {
    if (slowStartMs > 0)
      notes.push(`${name} has a slow start: full share of traffic only ${formatDuration(slowStartMs)} later.`)
    if (kind === 'network') notes.push(`${name} is of a network load balancer: registering may take minutes.`)
  }
  return notes
}

function estimate(facts: RollbackFacts): number | null {
  const drain = entering(facts.parked).length > 0 ? longest(facts.traffic, ({ drainMs }) => drainMs) : 0
  const launch = lacking(facts) > 0 ? facts.bootMs : 0
  return launch === null ? null : drain + launch + longest(facts.traffic, becomingHealthyMs)
}

function waiting(group: Group): readonly Instance[] {
  return [...standby(group), ...entering(group)]
}

/** In Standby and alive: an agent's word counts. */
function judged(facts: RollbackFacts): readonly Instance[] {
  return facts.agents ? standby(facts.parked).filter(({ id }) => runs(facts, id)) : []
}

function named(
  facts: RollbackFacts,
  is: (facts: RollbackFacts, id: string) => boolean,
  what: string,
): string | null {
  const found = judged(facts).filter(({ id }) => is(facts, id))
  return found.length === 0 ? null : `${what}: ${list(ids(found))}.`
}

function runs({ machines }: RollbackFacts, id: string): boolean {
  return machines.get(id) === 'running'
}

function isSilent({ heardAt, now, parkedSince }: RollbackFacts, id: string): boolean {
  return now - Math.max(heardAt.get(id) ?? 0, parkedSince) > staleMs
}

function isWell(report: Report | undefined): boolean {
  // None yet is no bad word; one that stays away is silent.
  return report === undefined || ((report.phase === 'parked' || report.phase === 'ready') && !gaveUp(report))
}

function sayReport(report: Report | undefined): string {
  return report?.reason?.sentence ?? report?.phase ?? 'no report'
}

/** What rollback would not detach as dead. */
function returnable(facts: RollbackFacts): readonly Instance[] {
  return waiting(facts.parked).filter(({ id, lifecycle }) => {
    const report = facts.reports.get(id)
    return (lifecycle !== 'Standby' || runs(facts, id)) && !(report && gaveUp(report))
  })
}

function lacking(facts: RollbackFacts): number {
  return Math.max(0, facts.demand - facts.parked.desired - returnable(facts).length)
}
