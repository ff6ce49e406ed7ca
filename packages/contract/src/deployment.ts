import * as z from 'zod'
import { digest, release, revision, serviceName, version } from './tags.ts'
import { reason } from './report.ts'
import { scalingJournal } from './scaling.ts'

/** Milliseconds since the epoch, by the store's clock. */
const instant = z.number().int().nonnegative()

/** What a group was like before this deployment touched it: the originals of the three-way restore. */
const groupBefore = z.object({
  min: z.number().int(),
  max: z.number().int(),
  desired: z.number().int(),
  suspended: z.array(z.string()),
  /** `switchover:` tags only. */
  tags: z.record(z.string(), z.string()),
})
export type GroupBefore = z.infer<typeof groupBefore>

/**
 * Every value this deployment ever wrote, by field: a field is put back only where its current value is one of ours.
 * More than the last one, for a coordinator killed between the journal and the call leaves an earlier value of ours standing.
 */
const groupWritten = z.object({
  min: z.array(z.number().int()),
  max: z.array(z.number().int()),
  desired: z.array(z.number().int()),
  /** Processes we suspended that were running before. */
  suspended: z.array(z.string()),
  /** Processes we resumed that were suspended before: exchanged between the groups under swap. */
  resumed: z.array(z.string()),
})
export type GroupWritten = z.infer<typeof groupWritten>

/** Sizes that another hand set while ours had to hold: given back in place of the originals. Null: none. */
const overruled = z.object({ min: z.number().int().nullable(), max: z.number().int().nullable() })

const side = z.object({ name: z.string(), before: groupBefore, written: groupWritten, overruled })

/** The flags of the deployment, remembered so that resume, rollback and finish need none. */
const flags = z.object({
  readiness: z.enum(['agent', 'load-balancer']),
  onFailure: z.enum(['rollback', 'hold']),
  release: release,
  /** Milliseconds from the start to giving up. */
  timeoutMs: z.number().int().positive(),
  /** What `--desired` asked for, null: as many as live has. */
  desired: z.number().int().nullable(),
  /** New instances to run beside the whole live group before somebody promotes; null: no canary. */
  canary: z.number().int().positive().nullable(),
  /** Milliseconds to watch canaries before they are promoted, or else the new fleet after the switch; null: none. */
  bakeMs: z.number().int().positive().nullable(),
  /** Names of CloudWatch alarms that must not ring. */
  alarms: z.array(z.string()),
  /** Alarms that rang when the deployment began, and that it was told to ignore. */
  ignoredAlarms: z.array(z.string()),
  /** move: policies and schedules go with traffic · swap: both groups own theirs, only suspensions change · none. */
  scaling: z.enum(['move', 'swap', 'none']),
  /** Milliseconds to go on watching after the bake, then to finish by itself; null: a person does. */
  finishAfterMs: z.number().int().nonnegative().nullable(),
  notify: z.string().nullable(),
})

/** canary: some new instances beside the whole live group; a deployment that began so turns to deploy when promoted. */
export const goals = ['canary', 'deploy', 'rollback', 'finish'] as const
export type Goal = (typeof goals)[number]

/** Whether a goal brings a new version up; the others only take away or bring back. */
export function goesForward(goal: Goal): boolean {
  return goal === 'canary' || goal === 'deploy'
}

/**
 * Moments of the present goal, cleared when the goal turns. Null: it did not come.
 * switched: all new traffic goes to the wanted version. covered: since when enough new instances are healthy, kept only
 * where slow start has to be waited out. resumed: when somebody went on with it last, after an interruption or a halt;
 * nobody's time is held against it. bake: since when canaries, or the new fleet with the old one parked, are watched.
 * short: since when too few of the watched ones are healthy.
 */
const marks = z.object({
  begunAt: instant,
  switchedAt: instant.nullable(),
  coveredAt: instant.nullable(),
  resumedAt: instant.nullable(),
  bakeAt: instant.nullable(),
  shortAt: instant.nullable(),
})
export type Marks = z.infer<typeof marks>

/** How long machines and load balancers took before it began, as measured or set then; milliseconds. */
const durations = z
  .object({
    boot: z.object({
      /** From AWS being asked for an instance to its agent's first moment. */
      launchMs: z.number().nonnegative(),
      /** From there to ready. */
      readyMs: z.number().nonnegative(),
      /** The instance this was measured on; null: assumed. */
      measuredOn: z.string().nullable(),
    }),
    /** One a target group or classic load balancer. */
    checks: z
      .array(
        z.object({
          name: z.string(),
          /** Whether one good check makes a new target healthy, as an Application Load Balancer's does. */
          oneIsEnough: z.boolean(),
          intervalMs: z.number(),
          healthyThreshold: z.number(),
          unhealthyThreshold: z.number(),
        }),
      )
      .readonly(),
  })
  .readonly()
export type MeasuredDurations = z.infer<typeof durations>

/** What was foretold of the present goal when it began, milliseconds from there. `switchedMs`: null where traffic does not move. */
const predicted = z
  .object({ switchedMs: z.number().nonnegative().nullable(), endedMs: z.number().nonnegative() })
  .readonly()
export type Predicted = z.infer<typeof predicted>

/**
 * One attempt to move a service to a version: the body of the record in the store.
 * `old` is the group that was live when it began, `new` the one that was idle; they never swap within a deployment.
 */
export const deploymentSchema = z.object({
  id: z.string(),
  service: serviceName,
  version,
  /** As in the group tags: the key '' where one pinned repository is deployed; empty under --no-digest. */
  digests: z.record(z.string(), digest),
  bundle: revision.nullable(),
  /** The version that was live before, null where none was. */
  previousVersion: z.string().nullable(),
  /** Whether both groups were empty when it began: then `old` is the one that stays empty, and there is no way back but to 0. */
  first: z.boolean().default(false),
  goal: z.enum(goals),
  /**
   * running: somebody must go on · canary: canaries serve beside live until promoted · parked: deployed, old fleet in
   * Standby · kept: rolled back, some new instances in Standby · held: a person must decide.
   */
  stage: z.enum(['running', 'canary', 'parked', 'kept', 'held']),
  /** Why the goal turned to rollback by itself; null where a person asked. */
  failure: reason.nullable(),
  startedAt: instant,
  /** When a canary went on to the whole deployment; null: it never did, or there was none. */
  promotedAt: instant.nullable(),
  flags,
  old: side,
  new: side,
  /** Policies, alarms and scheduled actions of both groups; null until the first of them is about to be moved. */
  scaling: scalingJournal.nullable(),
  /** Healthy instances the service needs; grows with live, never shrinks within a deployment. */
  required: z.number().int().nonnegative(),
  /** Instances whose scale-in protection we lifted, because they are to be ended. */
  unprotected: z.array(z.string()),
  /** Instances of the old group that were, or are about to be, put into Standby: not empty once the switch began. */
  parked: z.array(z.string()),
  /** Instances that were, or are about to be, detached from their group in order to be terminated. */
  ending: z.array(z.string()),
  /** When old instances were put into Standby last, null where none were: how long the last of them drains at most. */
  parkingAt: instant.nullable().default(null),
  /** What `rollback` was given. keep: new instances to leave in Standby. floor: percent of what is needed that has to serve from the old group. */
  back: z
    .object({ keep: z.number().int().nonnegative(), floor: z.number().int().min(1).max(100) })
    .default({ keep: 0, floor: 100 }),
  /** New instances that were, or are about to be, put into Standby for `rollback --keep`. */
  kept: z.array(z.string()).default([]),
  marks,
  /** Null: not known. */
  durations: durations.nullable().default(null),
  /** Null until the goal's first step, and where nothing can be foretold. */
  predicted: predicted.nullable().default(null),
  /** What was done and seen, oldest first, bounded. */
  journal: z.array(z.object({ at: instant, owner: z.string(), text: z.string() })),
})
export type Deployment = z.infer<typeof deploymentSchema>
export type Flags = Deployment['flags']

export const lease = z.object({ owner: z.string(), expiresAt: instant })
export type Lease = z.infer<typeof lease>

/** The object at `SERVICE/deployment.json`: never deleted, lease null when nobody acts, deployment null when none is open. */
export const recordSchema = z.object({
  schema: z.literal(1),
  service: serviceName,
  lease: lease.nullable(),
  deployment: deploymentSchema.nullable(),
})
export type DeploymentRecord = z.infer<typeof recordSchema>
