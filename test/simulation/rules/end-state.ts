import { digestTagKey, tagKey } from '@switchover/contract/tags'
import type { Sent } from '../coordinator.ts'
import type { Interference } from '../interference.ts'
import { groupNames, type GroupName } from '../plan.ts'
import type { GroupTruth } from '../truth.ts'
import type { Rest, Rule, Subject } from './rule.ts'

const acting = ['AlarmNotification', 'ScheduledActions']
const held = ['AZRebalance', ...acting]
const versionKeys = [tagKey.version, digestTagKey(''), tagKey.bundle]

type Expected = Partial<Omit<GroupTruth, 'desired'>> & { desired?: number; desiredAtLeast?: number }

/** Groups by their part in the last deployment. */
type Parts = Readonly<{ old: GroupName; fresh: GroupName }>

/** What each group must be like (docs/how-it-works.md, "What each command leaves behind"). */
type Expect = (
  before: Record<GroupName, GroupTruth>,
  parts: Parts,
  rest: Rest,
) => Record<'old' | 'fresh', Expected>

const without = (tags: GroupTruth['tags'], ...keys: readonly string[]) =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)))

/** The tags of an idle group: its own, with the version of what serves. */
function tagsLike(idle: GroupTruth, serving: GroupTruth): GroupTruth['tags'] {
  const versions = Object.entries(serving.tags).filter(([key]) => versionKeys.includes(key))
  return { ...without(idle.tags, ...versionKeys, tagKey.deployment), ...Object.fromEntries(versions) }
}

type Scaling = Pick<GroupTruth, 'policies' | 'schedules'>
const scaling = ({ policies, schedules }: Scaling): Scaling => ({ policies, schedules })

/** What goes with the traffic, and what stays: a pair that owns the same policies twice keeps them. */
function moved(live: GroupTruth, idle: GroupTruth): { fresh: Scaling; old: Scaling; exchanged: string[] } {
  const twins = live.policies.some((policy) => idle.policies.includes(policy))
  const nothing = { policies: [], schedules: [] }
  const both = {
    policies: [...live.policies, ...idle.policies].toSorted(),
    schedules: [...live.schedules, ...idle.schedules].toSorted(),
  }
  return {
    fresh: twins ? scaling(idle) : both,
    old: twins ? scaling(live) : nothing,
    exchanged: acting.filter(
      (process) => twins && idle.suspended.includes(process) && !live.suspended.includes(process),
    ),
  }
}

/** As many as there are that stay, all in one state. */
const all = (state: string, { instances }: GroupTruth) =>
  instances.filter((one) => !one.startsWith('Terminating')).map(() => state)

/** The new group once it serves alone. */
function servingLike(live: GroupTruth, idle: GroupTruth, now: GroupTruth): Expected {
  const { fresh, exchanged } = moved(live, idle)
  return {
    min: live.min,
    max: Math.max(live.max, now.desired),
    desiredAtLeast: live.desired,
    suspended: idle.suspended.filter((process) => !exchanged.includes(process)),
    ...fresh,
    instances: all('InService', now),
  }
}

/** The other group once all that served from it is parked or gone. */
const nothingOf = (live: GroupTruth, { old }: ReturnType<typeof moved>): Expected => ({
  min: 0,
  desired: 0,
  max: live.max,
  ...old,
})

const afterDeploy: Expect = (before, { old, fresh }, { now }) => {
  const [live, idle] = [before[old], before[fresh]]
  return {
    fresh: servingLike(live, idle, now.groups[fresh]),
    old: {
      ...nothingOf(live, moved(live, idle)),
      suspended: [...new Set([...live.suspended, ...held])].toSorted(),
      tags: live.tags,
      instances: all('Standby', now.groups[old]),
    },
  }
}

const afterFinish: Expect = (before, { old, fresh }, { now }) => {
  const [live, idle] = [before[old], before[fresh]]
  const owned = moved(live, idle)
  return {
    fresh: servingLike(live, idle, now.groups[fresh]),
    old: {
      ...nothingOf(live, owned),
      suspended: [...live.suspended, ...owned.exchanged].toSorted(),
      tags: tagsLike(live, now.groups[fresh]),
      instances: [],
    },
  }
}

const afterRollback: Expect = (before, { old, fresh }, { now }) => {
  const [live, idle] = [before[old], before[fresh]]
  return {
    old: {
      min: live.min,
      max: live.max,
      desiredAtLeast: live.desired,
      suspended: live.suspended,
      tags: live.tags,
      ...scaling(live),
      instances: all('InService', now.groups[old]),
    },
    fresh: { ...idle, tags: tagsLike(idle, now.groups[old]), instances: [] },
  }
}

/** What is kept for a post-mortem stays in Standby, and its group keeps the tags it has. */
const keeping =
  (rolledBack: Expect): Expect =>
  (before, parts, rest) => {
    const expected = rolledBack(before, parts, rest)
    const { tags: _, ...fresh } = expected.fresh
    return { ...expected, fresh: { ...fresh, instances: all('Standby', rest.now.groups[parts.fresh]) } }
  }

const afterCanary: Expect = (before, { old, fresh }, { now, record }) => {
  const live = before[old]
  return {
    old: { ...live, instances: all('InService', now.groups[old]) },
    fresh: {
      suspended: before[fresh].suspended,
      desiredAtLeast: record.deployment?.flags.canary ?? 1,
      instances: all('InService', now.groups[fresh]),
    },
  }
}

/** Of a first deployment: one group has come up, the other has but the tags. */
const afterFirst: Expect = (before, { old, fresh }, { now }) => {
  const { tags: _, desired, ...group } = before[fresh]
  return {
    fresh: { ...group, desiredAtLeast: desired + 1, instances: all('InService', now.groups[fresh]) },
    old: { ...before[old], tags: tagsLike(before[old], now.groups[fresh]) },
  }
}

/** A first deployment that was taken back: both groups are empty and tagged as before. */
const afterFirstBack: Expect = (before, { old, fresh }) => ({ old: before[old], fresh: before[fresh] })

/** A field of a group, and what it must be like. */
type Question = Readonly<{
  name: GroupName
  is: GroupTruth
  wanted: Expected
  hands: Interference
  /** Groups with maxes that a coordinator sent because the desired capacity beside them passed the old one. */
  raised: ReadonlySet<string>
}>

const differs = (is: unknown, wanted: unknown) =>
  JSON.stringify(sorted(is)) === JSON.stringify(sorted(wanted))
    ? null
    : `${JSON.stringify(is)}, not ${JSON.stringify(wanted)}`

/** One that the world ended may still be held by a termination hook, which nobody is left to complete. */
const staying = (states: readonly string[], { harmed }: Interference) =>
  states.filter((state) => harmed.size === 0 || !state.startsWith('Terminating'))

/** All but those that another hand set or deleted. */
const others = (all: readonly string[] = [], byHand: { has(name: string): boolean }) =>
  all.filter((text) => !byHand.has((JSON.parse(text) as { name: string }).name))

/** In words what is wrong with a field; what people set is theirs, and any other value would be left over from a deployment. */
const judges: Record<keyof GroupTruth, (question: Question) => string | null> = {
  min: ({ is: { min }, wanted, hands }) => (hands.mins.has(min) ? null : differs(min, wanted.min)),
  // What was raised for more instances stays where a hand has them ended later.
  max: ({ name, is: { max, desired }, wanted, hands, raised }) =>
    hands.maxes.has(max) || (hands.resized && (max === desired || raised.has(`${name} ${max}`)))
      ? null
      : differs(max, wanted.max),
  // A group that serves follows a change of either; one that is to be empty has but its own excuse.
  desired({ name, is: { desired }, wanted: { desired: exactly, desiredAtLeast }, hands }) {
    if (hands.touched(name, 'sizes', 'instances')) return null
    if (exactly !== undefined) return exactly !== 0 && hands.resized ? null : differs(desired, exactly)
    if (desiredAtLeast === undefined || desired >= desiredAtLeast || hands.resized) return null
    return `${desired}, not ${desiredAtLeast} or more`
  },
  suspended({ is: { suspended }, wanted, hands: { processes } }) {
    const ours = (all: readonly string[] = []) => all.filter((process) => !processes.has(process))
    return differs(ours(suspended), ours(wanted.suspended))
  },
  tags: ({ is, wanted, hands }) =>
    differs(without(is.tags, ...hands.tags), without(wanted.tags ?? {}, ...hands.tags)),
  // A change of size excuses how many there are, and only a hand that moved instances what becomes of them.
  instances({ name, is: { instances, desired }, wanted, hands }) {
    if (hands.touched(name, 'instances')) return null
    if (hands.touched(name, 'sizes') && (desired === 0 || wanted.desired === 0)) {
      const parked = instances.filter((state) => !/^(?:InService|Pending|Terminating)/.test(state))
      return parked.every((state) => wanted.instances?.includes(state))
        ? null
        : differs(instances, wanted.instances)
    }
    if (desired === 0) return differs(staying(instances, hands), staying(wanted.instances ?? [], hands))
    // What serves may be balancing its zones, one launched and one ended on top of those it wants.
    const serving = instances.filter((state) => state === 'InService')
    const changing = instances.filter((state) => /^(?:Pending|Terminating)/.test(state))
    const excused = hands.resized || hands.withheld || hands.harmed.size > 0
    const enough = serving.length >= desired || excused
    const whole = enough && serving.length + changing.length === instances.length
    return whole ? null : differs(instances, wanted.instances)
  },
  policies: ({ is, wanted, hands: { policies } }) =>
    differs(others(is.policies, policies), others(wanted.policies, policies)),
  schedules: ({ is, wanted, hands: { schedules } }) =>
    differs(others(is.schedules, schedules), others(wanted.schedules, schedules)),
}

function difference(question: Question): string | null {
  const { name, wanted } = question
  for (const [field, judge] of Object.entries(judges)) {
    const asked = field in wanted || (field === 'desired' && 'desiredAtLeast' in wanted)
    const found = asked ? judge(question) : null
    if (found !== null) return `${name} has ${field} ${found}.`
  }
  return null
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function expectation({ ended, first, record: { deployment } }: Rest): Expect | null {
  const rolledBack = first ? afterFirstBack : afterRollback
  if (ended === 'finished') return first ? afterFirst : afterFinish
  if (ended !== null) return rolledBack
  if (deployment?.stage === 'parked') return afterDeploy
  if (deployment?.stage === 'canary') return afterCanary
  return deployment?.stage === 'kept' ? keeping(rolledBack) : null
}

/** What each command leaves behind is exactly what it is to leave, nothing lost and nothing doubled. */
export function endStateRule({ interference: hands }: Subject, parts: () => Parts): Rule {
  const raised = new Set<string>()

  function sent({ body }: Sent): string | null {
    const asked = new URLSearchParams(body)
    const max = asked.get('MaxSize')
    if (max !== null && max === asked.get('DesiredCapacity'))
      raised.add(`${asked.get('AutoScalingGroupName')} ${max}`)
    return null
  }

  function rest(at: Rest): string | null {
    if (at.record.lease !== null) return `The lease of ${at.record.lease.owner} is left behind.`
    const expect = expectation(at)
    if (expect === null) return null
    const { old, fresh } = parts()
    const expected = expect(at.before.groups, { old, fresh }, at)
    const { groups } = at.now
    return (
      difference({ name: old, wanted: expected.old, is: groups[old], hands, raised }) ??
      difference({ name: fresh, wanted: expected.fresh, is: groups[fresh], hands, raised }) ??
      alarmsOf(at, hands)
    )
  }
  return { name: '3, end states', sent, rest }
}

/** The same alarms as before, moved and not doubled; those of a tracking policy go with it. */
function alarmsOf({ before, now }: Rest, { policies }: Interference): string | null {
  const told = (alarms: readonly string[]) =>
    alarms
      .filter((text) => !policies.has('cpu') || !/^Alarm(?:High|Low) /.test(text))
      .map((text) => groupNames.reduce((said, name) => said.replaceAll(name, 'GROUP'), text))
      .toSorted()
  const found = differs(told(now.alarms), told(before.alarms))
  return found === null ? null : `Alarms are ${found}.`
}
