import { digestTagKey, tagKey } from '@switchover/contract/tags'
import type { Deployment } from '@switchover/contract/deployment'
import type { GroupName, Interference } from '../interference.ts'
import { groupNames } from '../scene.ts'
import type { GroupTruth } from '../truth.ts'
import type { Rest, Rule, Subject } from './rule.ts'

const held = ['AZRebalance', 'AlarmNotification', 'ScheduledActions']
const versionKeys = [tagKey.version, digestTagKey(''), tagKey.bundle]

type Expected = Partial<Omit<GroupTruth, 'desired'>> & { desired?: number; desiredAtLeast?: number }

/** Groups by their part in the last deployment. */
type Parts = Readonly<{ old: GroupName; fresh: GroupName }>

/** What DESIGN 2.7 says each group must be like. */
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

const scaling = ({ policies, schedules }: GroupTruth) => ({ policies, schedules })
const nothingOwned = { policies: [], schedules: [] }
/** As many as there are that stay, all in one state. */
const all = (state: string, { instances }: GroupTruth) =>
  instances.filter((one) => !one.startsWith('Terminating')).map(() => state)

const parked: Expect = (before, { old, fresh }, { now }) => {
  const [live, idle] = [before[old], before[fresh]]
  return {
    fresh: {
      min: live.min,
      max: Math.max(live.max, now.groups[fresh].desired),
      desiredAtLeast: live.desired,
      suspended: idle.suspended,
      ...scaling(live),
      instances: all('InService', now.groups[fresh]),
    },
    old: {
      min: 0,
      desired: 0,
      max: live.max,
      suspended: [...new Set([...live.suspended, ...held])].toSorted(),
      tags: live.tags,
      ...nothingOwned,
      instances: all('Standby', now.groups[old]),
    },
  }
}

const back: Expect = (before, { old, fresh }, { now }) => {
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
    fresh: {
      min: idle.min,
      max: idle.max,
      desired: idle.desired,
      suspended: idle.suspended,
      tags: tagsLike(idle, now.groups[old]),
      ...scaling(idle),
      instances: [],
    },
  }
}

/** What is kept for a post-mortem stays in Standby, and its group keeps the tags it has. */
const kept: Expect = (before, parts, rest) => {
  const expected = back(before, parts, rest)
  const { tags: _, ...fresh } = expected.fresh
  return { ...expected, fresh: { ...fresh, instances: all('Standby', rest.now.groups[parts.fresh]) } }
}

const canary: Expect = (before, { old, fresh }, { now, record }) => {
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

const finished: Expect = (before, { old, fresh }, { now }) => {
  const [live, idle] = [before[old], before[fresh]]
  return {
    fresh: {
      min: live.min,
      max: Math.max(live.max, now.groups[fresh].desired),
      desiredAtLeast: live.desired,
      suspended: idle.suspended,
      ...scaling(live),
      instances: all('InService', now.groups[fresh]),
    },
    old: {
      min: 0,
      desired: 0,
      max: live.max,
      suspended: live.suspended,
      tags: tagsLike(live, now.groups[fresh]),
      ...nothingOwned,
      instances: [],
    },
  }
}

/** What fields of a group can be judged though others had their hands in it. */
function judged(group: GroupName, interference: Interference, serves: boolean): (field: string) => boolean {
  const touched = (...args: Parameters<Interference['touched']>) => interference.touched(...args)
  const sizes = groupNames.some((name) => touched(name, 'sizes', 'instances'))
  return (field) => {
    // An instance of what serves may be being replaced.
    if (field === 'instances' && serves && interference.harmed.size > 0) return false
    if (['min', 'max', 'desired', 'desiredAtLeast', 'instances'].includes(field)) return !sizes
    if (field === 'suspended') return !touched(group, 'suspended')
    if (field === 'tags') return !groupNames.some((name) => touched(name, 'tags'))
    return true
  }
}

/** One that the world ended may still be held by a termination hook, which nobody is left to complete. */
const staying = (states: unknown, { harmed }: Interference) =>
  (states as string[]).filter((state) => harmed.size === 0 || !state.startsWith('Terminating'))

function difference(
  name: GroupName,
  expected: Expected,
  now: GroupTruth,
  interference: Interference,
): string | null {
  const judges = judged(name, interference, now.desired > 0)
  for (const [field, value] of Object.entries(expected)) {
    if (!judges(field)) continue
    if (field === 'desiredAtLeast') {
      if (now.desired < (value as number))
        return `${name} has desired capacity ${now.desired}, not ${value as number} or more.`
      continue
    }
    if (field === 'instances') {
      const [is, wanted] = [staying(now.instances, interference), staying(value, interference)]
      if (is.join() !== wanted.join())
        return `${name} has instances ${is.join(', ')}, not ${wanted.join(', ')}.`
      continue
    }
    const found = now[field as keyof GroupTruth]
    if (JSON.stringify(sorted(found)) !== JSON.stringify(sorted(value)))
      return `${name} has ${field} ${JSON.stringify(found)}, not ${JSON.stringify(value)}.`
  }
  return null
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function expectation(rest: Rest): Expect | null {
  if (rest.ended === 'finished') return finished
  if (rest.ended !== null) return back
  const stages: Partial<Record<Deployment['stage'], Expect>> = { parked, canary, kept }
  const { deployment } = rest.record
  return deployment && (stages[deployment.stage] ?? null)
}

/** Rule 3: what each command leaves behind is exactly what DESIGN 2.7 says, nothing lost and nothing doubled. */
export function endStateRule({ interference }: Subject, parts: () => Parts): Rule {
  function rest(at: Rest): string | null {
    if (at.record.lease !== null) return `The lease of ${at.record.lease.owner} is left behind.`
    const expect = expectation(at)
    if (expect === null) return null
    const { old, fresh } = parts()
    const expected = expect(at.before.groups, { old, fresh }, at)
    return (
      difference(old, expected.old, at.now.groups[old], interference) ??
      difference(fresh, expected.fresh, at.now.groups[fresh], interference) ??
      alarmsOf(at)
    )
  }
  return { name: '3, end states', rest }
}

/** As many alarms as before: moved, not doubled. */
function alarmsOf({ before, now }: Rest): string | null {
  return before.alarms.length === now.alarms.length
    ? null
    : `${now.alarms.length} alarms are there, not ${before.alarms.length}.`
}
