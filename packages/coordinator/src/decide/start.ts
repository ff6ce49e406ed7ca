import { tagKey } from '@switchover/contract/tags'
import type { Deployment, Flags, Goal, GroupBefore } from '@switchover/contract/deployment'
import type { Group } from './world.ts'

function before(group: Group): GroupBefore {
  const tags = Object.entries(group.tags).filter(([key]) => key.startsWith('switchover:'))
  return {
    min: group.min,
    max: group.max,
    desired: group.desired,
    suspended: [...group.suspended],
    tags: Object.fromEntries(tags),
  }
}

function side(group: Group): Deployment['old'] {
  return {
    name: group.name,
    before: before(group),
    written: { min: [], max: [], desired: [], suspended: [] },
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
    previousVersion: facts.old.tags[tagKey.version] ?? null,
    goal: 'deploy',
    stage: 'running',
    failure: null,
    startedAt: now,
    flags,
    old: side(facts.old),
    new: side(facts.new),
    required: Math.max(flags.desired ?? 0, facts.old.desired),
    unprotected: [],
    parked: [],
    ending: [],
    marks: { begunAt: now, switchedAt: null, coveredAt: null, resumedAt: null },
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
    failure: same && goal === 'rollback' ? deployment.failure : null,
    marks: same
      ? { ...deployment.marks, resumedAt: at }
      : { begunAt: at, switchedAt: null, coveredAt: null, resumedAt: null },
  }
}
