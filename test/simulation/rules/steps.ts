import { isCalm } from '../fate.ts'
import type { Sent } from '../coordinator.ts'
import type { Rule, Subject } from './rule.ts'

/** Changing calls that no command needs, however large its fleet. */
const most = 400

/**
 * Rule 7: the ladder reaches its end in bounded steps, and where nothing disturbs it no change is made twice. Hooks are
 * completed again until they are over, and the record is written for every step.
 */
export function stepRule({ plan }: Subject): Rule {
  const undisturbed =
    plan.heirs.length + plan.hands.length + plan.events.length + plan.faults.length + plan.others.length ===
      0 &&
    plan.service.v2 === 'good' &&
    plan.story.every(({ fate }) => isCalm(fate))
  const made = new Map<string, number>()
  const total = new Map<string, number>()

  function sent({ owner, call, body }: Sent): string | null {
    const calls = (total.get(owner) ?? 0) + 1
    total.set(owner, calls)
    if (calls > most) return `${owner} has made ${calls} changing calls.`
    if (!undisturbed || call.service === 's3' || call.operation === 'CompleteLifecycleAction') return null
    const key = `${owner} ${call.operation} ${body}`
    made.set(key, (made.get(key) ?? 0) + 1)
    return made.get(key) === 1 ? null : `${owner} sends the same ${call.operation} a second time: ${body}`
  }

  return { name: '7, bounded steps without oscillation', sent }
}
