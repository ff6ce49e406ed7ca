import * as z from 'zod'
import { deploymentSchema } from '@switchover/contract/deployment'
import { outcomes } from '../history/entry.ts'
import { parseJson } from '../json.ts'
import type { PastSides } from './findings/facts.ts'

const schema = z.object({
  outcome: z.enum(outcomes),
  endedAt: z.number(),
  deployment: deploymentSchema.pick({ id: true, startedAt: true, old: true, new: true }).extend({
    flags: deploymentSchema.shape.flags.pick({ scaling: true }),
    // Of deployments from before there were first ones, none was.
    first: z.boolean().default(false),
  }),
})

/** What an object of the history says of the groups, null where it cannot be read. */
export function parsePastSides(text: string): PastSides | null {
  const past = schema.safeParse(parseJson(text)).data
  if (past === undefined) return null
  const { outcome, endedAt, deployment } = past
  const { id, first, startedAt, old, new: fresh, flags } = deployment
  return { id, first, outcome, startedAt, endedAt, old, new: fresh, scaling: flags.scaling }
}
