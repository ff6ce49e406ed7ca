import { tagKey } from '@switchover/contract/tags'
import type {
  Deployment,
  Flags,
  Goal,
  GroupBefore,
  Marks,
  MeasuredDurations,
} from '@switchover/contract/deployment'
import type { Group } from './world.ts'

/** What a group is like now: what a deployment that is about to touch it has to put back. */
export function originals(group: Group): GroupBefore {
  const tags = Object.entries(group.tags).filter(([key]) => key.startsWith('switchover:'))
  return {
    min: group.min,
    max: group.max,
    desired: group.desired,
    suspended: [...group.suspended],
    tags: Object.fromEntries(tags),
  }
}

/** The moments of a goal that begins. */
export function newMarks(begunAt: number): Marks {
  return { begunAt, switchedAt: null, coveredAt: null, resumedAt: null, bakeAt: null, shortAt: null }
}

function side(group: Group): Deployment['old'] {
  return {
    name: group.name,
    before: originals(group),
    written: { min: [], max: [], desired: [], suspended: [], resumed: [] },
    overruled: { min: null, max: null },
  }
}

/** What a deployment is made from: the two groups as they were just read, and what was asked for. */
export type DeploymentFacts = Readonly<{
  id: string
  service: string
  version: string
  digests: Readonly<Record<string, string>>
  bundle: string | null
  flags: Flags
  /** Milliseconds since the epoch, by the store's clock. */
  now: number
  /** As far as they are known: what the deployment is foretold with. */
  durations?: MeasuredDurations
  /** Whether nothing serves: then `old` is the group that stays empty. */
  first?: boolean
  /** The group that serves now. */
  old: Group
  /** The idle group: without instances, at desired 0. */
  new: Group
}>

/** A deployment that is about to begin; nothing of it is in AWS yet. */
export function newDeployment(facts: DeploymentFacts): Deployment {
  const { id, service, version, bundle, flags, now } = facts
  return {
    id,
    service,
    version,
    digests: { ...facts.digests },
    bundle,
    previousVersion: facts.first ? null : (facts.old.tags[tagKey.version] ?? null),
    first: facts.first ?? false,
    goal: flags.canary === null ? 'deploy' : 'canary',
    stage: 'running',
    failure: null,
    startedAt: now,
    promotedAt: null,
    flags,
    old: side(facts.old),
    new: side(facts.new),
    scaling: null,
    required: Math.max(flags.desired ?? 0, facts.old.desired),
    unprotected: [],
    parked: [],
    ending: [],
    parkingAt: null,
    back: { keep: 0, floor: 100 },
    kept: [],
    marks: newMarks(now),
    durations: facts.durations ?? null,
    predicted: null,
    journal: [],
  }
}

/**
 * The deployment as a person's command turns it: `rollback` and `finish` of what is parked or held, or the same goal
 * once more, with its moments kept and its time limits begun anew. A rollback that began with a failure keeps it when
 * it is only continued.
 */
export function turnTo(deployment: Deployment, goal: Goal, at: number): Deployment {
  const same = goal === deployment.goal
  return {
    ...deployment,
    goal,
    stage: 'running',
    failure: same && (goal === 'rollback' || deployment.kept.length > 0) ? deployment.failure : null,
    marks: same ? { ...deployment.marks, resumedAt: at } : newMarks(at),
    predicted: same ? deployment.predicted : null,
  }
}

/** The rollback's own moments and cause stay with it: what `finish` ends of it is only what was kept. */
export function finishKept(deployment: Deployment, at: number): Deployment {
  const marks = { ...deployment.marks, resumedAt: at }
  return { ...deployment, goal: 'finish', stage: 'running', marks, predicted: null }
}

/** Whether nothing but canaries has been brought up, and the live group left alone. */
export function isCanary({ flags, promotedAt }: Pick<Deployment, 'flags' | 'promotedAt'>): boolean {
  return flags.canary !== null && promotedAt === null
}

/** Whether there is a switch to tell of: what turns back before anything of the old group was parked moved no traffic. */
export function switches({ goal, parked }: Pick<Deployment, 'goal' | 'parked'>): boolean {
  return goal !== 'rollback' || parked.length > 0
}

/**
 * A canary that goes on to the whole deployment. Live was its own master until now: what it is like now has to be put
 * back, not what it was like when the canary began.
 */
export function promoted(deployment: Deployment, live: GroupBefore, at: number): Deployment {
  return { ...turnTo(deployment, 'deploy', at), promotedAt: at, old: { ...deployment.old, before: live } }
}
