import * as z from 'zod'
import { deploymentSchema } from '@switchover/contract/deployment'
import { reason } from '@switchover/contract/report'
import type { StepOf } from '../decide/step.ts'
import { parseJson } from '../json.ts'

/** How a deployment may have ended, in words for people. */
export const outcomeWords: Readonly<Record<StepOf<'end'>['outcome'], string>> = {
  finished: 'finished',
  'rolled-back': 'rolled back',
  failed: 'failed',
}

export const outcomes = Object.keys(outcomeWords) as (keyof typeof outcomeWords)[]

export type Outcome = (typeof outcomes)[number]

/** An ended deployment with all that is known of it. Fields that came later have defaults, so that old ones are read. */
export const endedSchema = z.object({
  outcome: z.enum(outcomes),
  /** Milliseconds since the epoch, by the store's clock. */
  endedAt: z.number(),
  deployment: deploymentSchema,
})

const instant = z.number().int().nonnegative()

/**
 * What is told of an object at `SERVICE/history/<id>.json`. Only what is told is checked: objects stay for years, and
 * fields that came later must not hide them.
 */
const schema = z.object({
  outcome: z.enum(outcomes),
  endedAt: instant,
  deployment: z.object({
    id: z.string(),
    version: z.string(),
    previousVersion: z.string().nullable(),
    failure: reason.nullable(),
    startedAt: instant,
    marks: z.object({ begunAt: instant, switchedAt: instant.nullable() }),
    parked: z.array(z.string()).default([]),
    journal: z.array(z.object({ at: instant, text: z.string() })),
  }),
})

/** One ended deployment, as `history` tells it. */
export type PastDeployment = Readonly<{
  id: string
  version: string
  /** Null where nothing was live before. */
  previousVersion: string | null
  outcome: keyof typeof outcomeWords
  /** ISO 8601, by the store's clock. */
  startedAt: string
  endedAt: string
  /**
   * Milliseconds until all new traffic went to the wanted version: of a finished deployment from its start, else from
   * turning back. Null where traffic never moved, or the journal does not say any more.
   */
  switchedMs: number | null
  /** Milliseconds from the start of the deployment to its end, the time it was parked included. */
  openMs: number
  failure: string | null
}>

/** @returns null for text that is no ended deployment, or is of another id than its key says */
export function parsePastDeployment(text: string, id: string): PastDeployment | null {
  const past = schema.safeParse(parseJson(text)).data
  if (past === undefined || past.deployment.id !== id) return null
  const { outcome, endedAt, deployment } = past
  return {
    id,
    version: deployment.version,
    previousVersion: deployment.previousVersion,
    outcome,
    startedAt: new Date(deployment.startedAt).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
    switchedMs: switchedAfter(past),
    openMs: Math.max(0, endedAt - deployment.startedAt),
    failure: deployment.failure?.sentence ?? null,
  }
}

/** The moments in the record are of the last goal; when the deploy of a finished one switched, only its journal knows. */
function switchedAfter({ outcome, deployment }: z.infer<typeof schema>): number | null {
  const { startedAt, marks, journal, parked } = deployment
  if (outcome !== 'finished')
    return marks.switchedAt === null || parked.length === 0 ? null : marks.switchedAt - marks.begunAt
  const line = journal.find(({ text }) => text.startsWith('mark-switched:'))
  return line ? line.at - startedAt : null
}
