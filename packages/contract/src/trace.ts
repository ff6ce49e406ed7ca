import * as z from 'zod'
import { goals } from './deployment.ts'
import { reason, phases } from './report.ts'

/** Milliseconds since the epoch, by the store's clock. */
const instant = z.number().int().nonnegative()
/** Milliseconds after `from`; negative for what was before. */
const offset = z.number().int()

/**
 * What an instance is to the deployment. pending: Auto Scaling has asked EC2 for it · booting: it runs, held by a launch
 * hook · in-service: in service, not healthy in every load balancer (yet) · serving · draining: on its way to Standby ·
 * standby · ending · gone: in no group any more.
 */
export const traceStates = [
  'pending',
  'booting',
  'in-service',
  'serving',
  'draining',
  'standby',
  'ending',
  'gone',
] as const
export type TraceState = (typeof traceStates)[number]

const agentTrace = z.object({
  /** The agent's first moment, by the instance's clock. */
  startedAt: offset,
  /** Milliseconds in each phase up to the last report that was read. */
  timings: z.partialRecord(z.enum(phases), z.number().nonnegative()),
  phase: z.enum(phases),
  reason: reason.nullable(),
  /** Of the pull, as far as a report told: compressed bytes to come and bytes that came. */
  pull: z.object({ bytes: z.number().nonnegative(), total: z.number().nonnegative().nullable() }).nullable(),
  /** Last lines of a container that failed. */
  logs: z.array(z.string()),
})
export type AgentTrace = z.infer<typeof agentTrace>

const instanceTrace = z.object({
  id: z.string(),
  side: z.enum(['old', 'new']),
  /** Availability zone; null where nothing told it. */
  zone: z.string().nullable(),
  /** When Auto Scaling began to launch it, as its activity says. */
  launchedAt: offset.nullable(),
  /** Each change of state as it was first seen, oldest first. Words that are not known are passed over. */
  states: z.array(z.tuple([offset, z.string()])),
  agent: agentTrace.nullable(),
  /** Why it did not count when it was last seen not to; null where it never lacked anything, or was ready in the end. */
  lack: z.string().nullable(),
})
export type InstanceTrace = z.infer<typeof instanceTrace>

const happening = z.object({
  at: offset,
  kind: z.enum(['progress', 'warning', 'launch-failed', 'replaced']),
  text: z.string(),
})
export type Happening = z.infer<typeof happening>

/**
 * What one run of a coordinator saw of a deployment: the body of `SERVICE/history/<id>/<from>.json`, written once, when
 * the run ends in good order. One that was killed leaves none. Bounded, whatever the size of the fleet.
 */
export const traceSchema = z.object({
  schema: z.literal(1),
  id: z.string(),
  service: z.string(),
  owner: z.string(),
  /** When the run began: what it was to do. */
  goal: z.enum(goals),
  /** The beginning of the run, shortly before its first look; and its last look. */
  from: instant,
  to: instant,
  /** The step it came to rest with, `settle` or `end` with its word; `stopped` where it was interrupted or gave up. */
  rest: z.string(),
  /** What both groups are behind. Milliseconds. */
  sources: z.array(z.object({ name: z.string(), deregistrationDelay: z.number(), slowStart: z.number() })),
  instances: z.array(instanceTrace),
  /** Instances that found no room in `instances`. */
  left: z.number().int().nonnegative(),
  /** Healthy instances the service needed, as it changed. */
  required: z.array(z.tuple([offset, z.number().int().nonnegative()])),
  /** Requests to AWS, the SDK's repetitions included, by operation: [bucket, how many], bucket 0 beginning at `from`. */
  calls: z.object({
    bucketMs: z.number().int().positive(),
    operations: z.record(z.string(), z.array(z.tuple([z.number().int(), z.number().int()]))),
  }),
  happenings: z.array(happening),
})
export type Trace = z.infer<typeof traceSchema>
