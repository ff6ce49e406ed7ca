import * as z from 'zod'

/** How a command ended. */
const outcomes = ['done', 'rolled-back', 'failed', 'refused', 'held', 'interrupted', 'locked'] as const

/** 0 done · 1 failed, safe · 2 refused before a change · 3 locked · 4 a person must decide · 130 interrupted. */
const exitCodes = [0, 1, 2, 3, 4, 130] as const

/** What every event has. */
const common = {
  /** Milliseconds since the epoch, by the clock of the machine the command runs on. */
  at: z.number().int().nonnegative(),
  /** One sentence or a few words for people; wording may change at any time. */
  text: z.string(),
}

const strings = z.array(z.string()).readonly()

/** A changing call of AWS that a plan foresees, as the SDK takes it; instances yet to be launched have invented names. */
const plannedCall = z
  .strictObject({
    operation: z.string(),
    input: z.custom<object>((value) => typeof value === 'object' && value !== null),
  })
  .readonly()

/**
 * What `--json` prints, one object a line (docs/events.md). Strict, for we print nothing else; whoever reads
 * passes over fields and events that are not known.
 */
export const eventSchema = z.discriminatedUnion('event', [
  z.strictObject({
    event: z.literal('plan'),
    ...common,
    /** The kind of step, as in `step`. */
    step: z.string(),
    calls: z.array(plannedCall).readonly(),
  }),
  z.strictObject({
    event: z.literal('step'),
    ...common,
    step: z.string(),
    /** The reason, one sentence. */
    why: z.string(),
  }),
  z.strictObject({
    event: z.literal('wait'),
    ...common,
    waitingFor: z.string(),
    /** Ids of the instances waited for, all of them. */
    instances: strings,
  }),
  z.strictObject({
    event: z.literal('progress'),
    ...common,
    /** Milliseconds from the beginning until all new traffic went to the wanted version; only at that moment. */
    switchedMs: z.number().nonnegative().optional(),
  }),
  z.strictObject({ event: z.literal('warning'), ...common }),
  z.strictObject({
    event: z.literal('result'),
    ...common,
    outcome: z.enum(outcomes),
    /** Of the process. */
    exitCode: z.literal(exitCodes),
    /** The command to give next, null where there is none. */
    next: z.string().nullable(),
    /** By command; see docs/events.md. */
    details: z.record(z.string(), z.unknown()),
  }),
])

export type Event = z.infer<typeof eventSchema>
