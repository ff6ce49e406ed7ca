import * as z from 'zod'
import { reason, reportSchema } from '@switchover/contract/report'

const timestamp = z.iso.datetime()

/** What `/status` says: the report, and what only the machine's people need. An older agent says less. */
export const statusSchema = reportSchema.extend({
  instanceId: reportSchema.shape.instanceId.nullable(),
  ready: z.boolean(),
  /** What is under way or tried next; null where there is nothing to do but to look again. */
  work: z
    .object({
      step: z.string(),
      image: z.string().nullable(),
      runs: z.boolean(),
      at: timestamp,
      failures: z.number(),
    })
    .nullable(),
  /** What last stood in the way, also when it no longer does. */
  lastError: reason.extend({ at: timestamp }).nullable(),
})
export type StatusAnswer = z.infer<typeof statusSchema>
