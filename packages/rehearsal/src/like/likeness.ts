import type {
  AlarmDefinition,
  PolicyDefinition,
  ScheduledActionDefinition,
} from '@switchover/contract/scaling'

/** There is no service to be like, or nothing of it that could be taken over. One sentence. */
export class CannotBeLike extends Error {
  override readonly name = 'CannotBeLike'
}

/** A service as it stands in an account: what a deployment's time and order depend on. Times in seconds, as AWS gives them. */
export type Seen = {
  /** The group with more instances, and how many groups carry the service's tag. */
  live: { name: string; min: number; max: number; desired: number; graceS: number }
  groups: number
  hooks: Hook[]
  policies: PolicyDefinition[]
  alarms: AlarmDefinition[]
  actions: ScheduledActionDefinition[]
  targetGroups: TargetGroup[]
  classicLoadBalancers: number
}
export type Hook = {
  name: string
  transition: string
  heartbeatS: number
  defaultResult: string
}
export type TargetGroup = Checks & { name: string; protocol: string }
export type Checks = {
  intervalS: number
  timeoutS: number
  healthyThreshold: number
  unhealthyThreshold: number
  drainS: number
}

/** What a rehearsal takes over from a service. */
export type Likeness = {
  instances: number
  min: number
  max: number
  graceS: number
  checks: Checks
  hooks: Hook[]
  policies: PolicyDefinition[]
  alarms: AlarmDefinition[]
  actions: ScheduledActionDefinition[]
  /** What of the service is not rehearsed, a sentence each. */
  notes: string[]
}

/**
 * @param mostInstances that this kind of instance allows
 * @param now milliseconds since the epoch
 * @throws {CannotBeLike} one sentence, where there is nothing to rehearse on
 */
export function likenessOf(service: string, seen: Seen, mostInstances: number, now: number): Likeness {
  const { live, targetGroups } = seen
  const [first] = targetGroups
  if (live.desired === 0)
    throw new CannotBeLike(`No group of ${service} has an instance: give --instances instead.`)
  if (first === undefined)
    throw new CannotBeLike(
      `${live.name} has no target group, whose health checks and drain could be taken over.`,
    )
  const instances = Math.min(live.desired, mostInstances)
  const checks = slowest(first, targetGroups)
  // Bringing v1 up may take as long as all that comes after it; the agent answers the hooks.
  const overAt = now + 2 * limitMs({ checks, hooks: [] })
  const kept = seen.actions.filter((action) => runsAfter(action, overAt))
  return {
    instances,
    min: Math.min(live.min, instances),
    max: Math.max(live.max, instances),
    graceS: live.graceS,
    checks,
    hooks: seen.hooks,
    policies: seen.policies,
    alarms: seen.alarms,
    actions: kept.map((action) => startable(action, overAt)),
    notes: notesOf(seen, instances, kept),
  }
}

/** A deployment waits for the slowest of several. */
function slowest(first: TargetGroup, all: readonly TargetGroup[]): Checks {
  const checkS = ({ intervalS, healthyThreshold }: Checks) => intervalS * healthyThreshold
  const { intervalS, timeoutS, healthyThreshold, unhealthyThreshold } = all.reduce(
    (slow, one) => (checkS(one) > checkS(slow) ? one : slow),
    first,
  )
  const drainS = Math.max(...all.map((one) => one.drainS))
  return { intervalS, timeoutS, healthyThreshold, unhealthyThreshold, drainS }
}

/** AWS refuses what is past, and forgets an action with its last run: both may come before the rehearsal's end. */
function runsAfter({ startsAt, endsAt, recurrence }: ScheduledActionDefinition, at: number): boolean {
  return (endsAt ?? Infinity) > at && (recurrence !== null || (startsAt ?? Infinity) > at)
}

/** One that recurs begins by itself: its next run, which AWS tells as its start, may be past when it is put. */
function startable(action: ScheduledActionDefinition, overAt: number): ScheduledActionDefinition {
  const { startsAt, recurrence } = action
  return recurrence === null || (startsAt ?? 0) > overAt ? action : { ...action, startsAt: null }
}

function notesOf(
  { live, groups, targetGroups, classicLoadBalancers, actions }: Seen,
  instances: number,
  kept: readonly ScheduledActionDefinition[],
): string[] {
  const notes: string[] = []
  if (instances < live.desired)
    notes.push(`${live.name} has ${live.desired} instances; ${instances} are rehearsed.`)
  if (groups !== 2) notes.push(`The service has ${counted(groups, 'group')}; a pair is rehearsed.`)
  if (targetGroups.length > 1)
    notes.push(
      `It has ${targetGroups.length} target groups; one is rehearsed, with the slowest checks and the longest drain of them.`,
    )
  if (targetGroups.some(({ protocol }) => protocol !== 'HTTP' && protocol !== 'HTTPS'))
    notes.push(
      'A network load balancer takes minutes to know of a target; an application load balancer is rehearsed.',
    )
  const over = actions.filter((action) => !kept.includes(action)).map(({ name }) => name)
  if (over.length > 0)
    notes.push(`Scheduled actions with no run after the rehearsal are left out: ${over.join(', ')}.`)
  if (classicLoadBalancers > 0) notes.push('Its classic load balancers are not rehearsed.')
  return notes
}

/** Boot of the rehearsal's instances and what AWS does beside, generously. Seconds. */
const besidesS = 60

/** How long the whole rehearsal may take: two deployments, a rollback, a finish. Milliseconds. */
export function longestMs({ checks, hooks }: Pick<Likeness, 'checks' | 'hooks'>): number {
  const hookS = Math.max(0, ...hooks.map(({ heartbeatS }) => heartbeatS))
  const healthyS = checks.intervalS * (checks.healthyThreshold + 1)
  return 2 * 4 * (besidesS + healthyS + checks.drainS + hookS) * 1_000
}

/** How long one thing may take to come about: instances that become healthy, one that goes. Milliseconds. */
export function stepLimitMs(like: Pick<Likeness, 'checks' | 'hooks'> | undefined): number {
  return Math.max(5 * 60_000, like === undefined ? 0 : longestMs(like))
}

const leastLimitMs = 20 * 60_000

/** Until when requests are sent: so long after v1 has come up the rehearsal is over. Milliseconds. */
export function limitMs(like: Pick<Likeness, 'checks' | 'hooks'> | undefined): number {
  return like === undefined ? leastLimitMs : Math.max(leastLimitMs, longestMs(like))
}

/** What is taken over, in one line, and how long it makes the rehearsal. */
export function describe({ instances, min, max, checks, hooks, policies, actions }: Likeness): string {
  const { intervalS, drainS } = checks
  // One passed check makes a new target healthy behind an application load balancer (ALB guide, target group health checks).
  const checksS = 4 * intervalS + 3 * drainS
  return (
    `${counted(instances, 'instance')} (min ${min}, max ${max}), a health check every ${intervalS}s, drain ${drainS}s, ` +
    `${counted(hooks.length, 'hook')}, ${counted(policies.length, 'policy', 'policies')}, ${counted(actions.length, 'scheduled action')}. ` +
    `Checks and drain alone make about ${Math.ceil(checksS / 60)} min.`
  )
}

function counted(count: number, one: string, several = `${one}s`): string {
  return `${count === 0 ? 'no' : count} ${count === 1 ? one : several}`
}
