import { classify, refusalOf } from '../aws/errors.ts'
import { Refusal } from '../events.ts'
import { StalePermission } from '../record/lease.ts'

/** Whether an error may be over at the next look. */
export function passes(error: unknown): boolean {
  if (error instanceof StalePermission) return true
  return !(error instanceof Refusal) && ['transport', 'throttle', 'busy'].includes(classify(error))
}

export function interrupted(service: string): Refusal {
  return new Refusal(
    130,
    'interrupted',
    `Interrupted; nothing of ${service} is lost and the record says how far it went.`,
    `switchover resume ${service}`,
  )
}

/**
 * What a person reads when a deployment under way stops; null for a bug. It has begun, so that nothing is "refused" or
 * "failed" any more: somebody has to go on with it, at once where AWS was out of reach, else once the cause is seen to.
 */
export function asResumable(error: unknown, service: string): Refusal | null {
  const next = `switchover resume ${service}`
  const refusal = refusalOf(error, `working on ${service}`, next)
  if (refusal === null || passes(error)) return refusal
  if (error instanceof Refusal && error.exitCode !== 2) return error
  return new Refusal(4, 'held', refusal.message, next, error)
}
