import { goesForward } from '@switchover/contract/deployment'
import type { Reason } from '@switchover/contract/report'
import type { Rule } from './ladder.ts'
import { list, verb } from './words.ts'
import type { Alarm, World } from './world.ts'

/** OK and INSUFFICIENT_DATA are no alarm. */
export function rings(alarm: Alarm | undefined): boolean {
  return alarm?.state === 'ALARM'
}

/** Names and reasons of the alarms that ring, for people; null where none does. */
export function ringingSentence(alarms: ReadonlyMap<string, Alarm>): string | null {
  const ringing = [...alarms].filter(([, alarm]) => rings(alarm))
  const [first, ...others] = ringing
  if (first === undefined) return null
  const more =
    others.length > 0
      ? `, and so ${verb(others.length, 'does', 'do')} ${list(others.map(([name]) => name))}`
      : ''
  return `The alarm ${first[0]} rings${more}: ${first[1].reason.replace(/\.?$/, '.')}`
}

/** One alarm that rings while a deployment goes forward is enough to end it. */
export function alarmRings({ alarms }: World): Reason | null {
  const sentence = ringingSentence(alarms)
  return sentence === null ? null : { code: 'alarm', sentence, kind: 'terminal' }
}

/** Alarms that count now, and that CloudWatch gave no answer about. */
export function unanswered({ deployment, alarms }: Pick<World, 'deployment' | 'alarms'>): string[] {
  if (!goesForward(deployment.goal)) return []
  return deployment.flags.alarms.filter((name) => !alarms.has(name))
}

/** No answer is no failure, and no permission either: what is watched goes on only once every alarm has been seen. */
export const waitForAlarms: Rule = (world) => {
  const { goal, marks } = world.deployment
  const missing = unanswered(world)
  if (missing.length === 0 || (goal !== 'canary' && marks.bakeAt === null)) return null
  return {
    kind: 'wait',
    waitingFor: `an answer of CloudWatch about ${list(missing)}`,
    instances: [],
    why: `Nobody knows whether ${list(missing)} ${verb(missing.length, 'rings', 'ring')}.`,
  }
}
