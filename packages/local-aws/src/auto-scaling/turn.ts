import { counted, type Group, type Member } from './group.ts'

/** What a group does of its own accord at one look. */
export type Turn = {
  /** Ids to end, each with what the activity gives as the reason. */
  terminate: { id: string; because: 'unhealthy' | 'scale-in' | 'delete' }[]
  /** Zones to launch in, one instance each. */
  launch: string[]
  /** The launch is beyond desired, to balance the zones. */
  rebalance: boolean
  /** Desired cannot be reached, because everything left is protected from scale-in. */
  allProtected: boolean
}

/** Decides a group's turn: end what is unhealthy, launch what is missing, end what is too much. Never touches Standby. */
export function decideTurn(group: Group, now: number, random: () => number): Turn {
  const turn: Turn = { terminate: [], launch: [], rebalance: false, allProtected: false }
  const suspended = (process: Parameters<Group['suspended']['has']>[0]) => group.suspended.has(process)
  const present = counted(group)
  if (group.deleting) {
    const all = [...group.members.values()].filter((member) => !isEnding(member))
    return { ...turn, terminate: all.map(({ id }) => ({ id, because: 'delete' })) }
  }
  const leaving =
    suspended('Terminate') || suspended('ReplaceUnhealthy') ? [] : unhealthyToEnd(group, present)
  turn.terminate.push(...leaving.map(({ id }) => ({ id, because: 'unhealthy' as const })))
  const staying = present.filter((member) => !leaving.includes(member))
  const difference = group.desired - staying.length
  if (difference > 0 && !suspended('Launch') && now >= group.launchAfter) {
    turn.launch = zonesFor(group, staying, difference)
  } else if (difference < 0 && !suspended('Terminate')) {
    const spare = -difference - (group.rebalancing && staying.some(isPending) ? 1 : 0)
    const victims = scaleIn(group, staying, spare, random)
    turn.terminate.push(...victims.map(({ id }) => ({ id, because: 'scale-in' as const })))
    turn.allProtected =
      spare > 0 && victims.length === 0 && staying.every((member) => member.protected) && staying.length > 0
  } else if (difference === 0 && leaving.length === 0 && mayRebalance(group, present)) {
    turn.launch = zonesFor(group, present, 1)
    turn.rebalance = true
  }
  return turn
}

/** The group has told EC2 to end it, and only waits for that. */
function isEnding(member: Member): boolean {
  return member.lifecycle.startsWith('Terminating') && member.activity?.status === 'InProgress'
}

function isPending(member: Member): boolean {
  return member.lifecycle !== 'InService'
}

/**
 * Unhealthy instances are replaced at most 10 % of desired at a time (UG ec2-auto-scaling-health-checks).
 * Those that EC2 has already ended cost nothing more and go at once.
 */
function unhealthyToEnd(group: Group, present: readonly Member[]): Member[] {
  const unhealthy = present.filter((member) => !member.healthy)
  const gone = unhealthy.filter((member) => member.unhealthyCause === ec2Cause)
  const others = unhealthy.filter((member) => member.unhealthyCause !== ec2Cause && !isPending(member))
  const serving = present.filter((member) => member.healthy && !isPending(member)).length
  const missing = Math.max(0, group.desired - serving - others.length)
  const atOnce = Math.max(1, Math.floor(group.desired / 10))
  return [...gone, ...others.slice(0, Math.max(0, atOnce - missing))]
}

/** Causes of ill health, as activities word them (UG ts-as-healthchecks). */
export const ec2Cause = 'an EC2 health check that indicated it had been terminated or stopped'
export const elbCause = 'an ELB system health check failure'
export const userCause = 'a user health-check'

function perZone(group: Group, members: readonly Member[]): Map<string, number> {
  const counts = new Map(group.zones.map((zone) => [zone, 0]))
  for (const { availabilityZone } of members)
    counts.set(availabilityZone, (counts.get(availabilityZone) ?? 0) + 1)
  return counts
}

/** The emptiest zone for each launch, in the order of the group's zones. */
function zonesFor(group: Group, members: readonly Member[], launches: number): string[] {
  const counts = perZone(group, members)
  return Array.from({ length: launches }, () => {
    const emptiest = group.zones.reduce((a, b) => ((counts.get(b) ?? 0) < (counts.get(a) ?? 0) ? b : a))
    counts.set(emptiest, (counts.get(emptiest) ?? 0) + 1)
    return emptiest
  })
}

/** Instances to end when there are `count` too many: from the fullest zone, by termination policy, never a protected one. */
function scaleIn(group: Group, members: readonly Member[], count: number, random: () => number): Member[] {
  const counts = perZone(group, members)
  const order = members.map((member, age) => ({ member, age, draw: random() }))
  const able = order.filter(({ member }) => member.lifecycle === 'InService' && !member.protected)
  const policy = group.terminationPolicies[0] ?? 'Default'
  const victims: Member[] = []
  while (victims.length < count && able.length > 0) {
    const fullest = Math.max(...able.map(({ member }) => counts.get(member.availabilityZone) ?? 0))
    const zone = able.filter(({ member }) => counts.get(member.availabilityZone) === fullest)
    const [first] = zone.toSorted((a, b) => {
      if (policy === 'OldestInstance') return a.age - b.age
      if (policy === 'NewestInstance') return b.age - a.age
      return a.member.template.version - b.member.template.version || a.draw - b.draw
    })
    if (!first) break
    able.splice(able.indexOf(first), 1)
    counts.set(first.member.availabilityZone, fullest - 1)
    victims.push(first.member)
  }
  return victims
}

/**
 * Zones differ by two or more while all is quiet: AZRebalance launches first and ends one after (UG auto-scaling-benefits).
 * While Terminate is suspended the one too many stays (UG as-suspend-resume-processes).
 */
function mayRebalance(group: Group, present: readonly Member[]): boolean {
  const off = (['AZRebalance', 'Launch'] as const).some((process) => group.suspended.has(process))
  if (off || group.rebalancing || present.some((member) => isPending(member) || !member.healthy)) return false
  const counts = [...perZone(group, present).values()]
  return Math.max(...counts) - Math.min(...counts) >= 2
}
