import * as z from 'zod'
import { digest } from './tags.ts'
import { schemaSentence } from './sentence.ts'

export const phases = [
  'booting',
  'identifying',
  'resolving',
  'pulling',
  'retagging',
  'starting',
  'verifying',
  'ready',
  'parked',
  'draining',
  'failed',
] as const
export type Phase = (typeof phases)[number]

const timestamp = z.iso.datetime()

export const reason = z.object({
  /** Stable word for programs: `image-not-found`, `app-unhealthy`. */
  code: z.string().max(64),
  sentence: z.string().max(2_000),
  kind: z.enum(['retryable', 'terminal']),
})
export type Reason = z.infer<typeof reason>

/** How far the pull under way is. Bytes are compressed ones, as the registry sends them; layers already here count as none. */
export const pullProgress = z.object({
  image: z.string(),
  bytes: z.number().nonnegative(),
  /** Null until the engine has named the size of every layer. */
  total: z.number().nonnegative().nullable(),
  /** How much of it is unpacked. */
  unpacked: z.number().nonnegative(),
  /** How fast it comes now, smoothed over some seconds. */
  bytesPerSecond: z.number().nonnegative(),
  /** Until everything is here and unpacked, at the pace of now; null where that is not known. */
  remainingMs: z.number().nonnegative().nullable(),
})
export type PullProgress = z.infer<typeof pullProgress>

/** What an agent says about its instance. Unknown fields are ignored. */
export const reportSchema = z.object({
  instanceId: z.string().regex(/^i-[0-9a-f]{8,17}$/),
  group: z.string().nullable(),
  service: z.string().nullable(),
  deployment: z.string().nullable(),
  phase: z.enum(phases),
  /** When this phase began. */
  since: timestamp,
  writtenAt: timestamp,
  version: z.string().nullable(),
  bundle: z.string().nullable(),
  /** One row a pinned image, present only once container, pinned tag and `repo@digest` were seen to be the same image. */
  images: z.array(z.object({ service: z.string(), repository: z.string(), digest, imageId: z.string() })),
  reason: reason.nullable(),
  /** EC2's notice that it takes this Spot instance back, and when; absent where there is none. */
  interruption: z.object({ action: z.string().max(64), at: timestamp }).optional(),
  /** When EC2 recommended to replace this Spot instance; absent where it did not. */
  rebalanceRecommended: timestamp.optional(),
  /** Absent while no image is pulled. */
  progress: pullProgress.optional(),
  /** Last lines of containers that failed. */
  logs: z.array(z.object({ service: z.string(), lines: z.array(z.string()) })),
  /** Milliseconds spent in each phase so far. */
  timings: z.partialRecord(z.enum(phases), z.number().nonnegative()),
  agent: z.string(),
})
export type Report = z.infer<typeof reportSchema>

export function parseReport(json: string): { ok: true; report: Report } | { ok: false; problem: string } {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return { ok: false, problem: 'The report is not JSON.' }
  }
  const parsed = reportSchema.safeParse(value)
  return parsed.success
    ? { ok: true, report: parsed.data }
    : { ok: false, problem: schemaSentence(parsed.error) }
}
