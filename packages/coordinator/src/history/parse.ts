import type { z } from 'zod'

/** What text in the store says; null where that is not of this shape. */
export function parsed<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
