import type * as z from 'zod'

/** The first thing wrong with a value that failed its schema, as one sentence: `health.interval: "5x" is not a duration…`. */
export function schemaSentence(error: z.ZodError): string {
  const issue = error.issues[0]
  if (!issue) return 'The value is not valid.'
  const path = issue.path.map(String).join('.')
  const message = issue.message.endsWith('.') ? issue.message : `${issue.message}.`
  return path === '' ? message : `${path}: ${message}`
}
