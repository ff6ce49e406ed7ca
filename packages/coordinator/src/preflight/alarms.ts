import { readAlarms } from '../aws/alarms.ts'
import type { AwsClients } from '../aws/clients.ts'
import { ringingSentence, rings } from '../decide/alarms.ts'
import { list, verb } from '../decide/words.ts'
import { Refusal } from '../events.ts'
import { problem, type Problem } from './problem.ts'

/** The alarms a deployment is going to heed, those that ring and are ignored as asked, and what is wrong with them. */
export type Heeded = Readonly<{ alarms: string[]; ignored: string[]; problems: Problem[] }>

/** An alarm that does not exist, or rings before anything was changed, is no ground to judge a version on. */
export async function checkAlarms(
  clients: Pick<AwsClients, 'cloudWatch'>,
  asked: Readonly<{ alarms: readonly string[]; ignoreAlarms: boolean }>,
): Promise<Heeded> {
  const names = [...new Set(asked.alarms)]
  const found = await readAlarms(clients, names)
  const missing = names.filter((name) => !found.has(name))
  const problems = missing.map((name) =>
    problem(`There is no CloudWatch alarm ${name} in this account and region.`),
  )
  const ringing = names.filter((name) => rings(found.get(name)))
  const sentence = asked.ignoreAlarms ? null : ringingSentence(found)
  if (sentence !== null)
    problems.push(problem(`${sentence} Wait until it is over, or ignore it with --ignore-alarms.`))
  return { alarms: names.filter((name) => !ringing.includes(name)), ignored: ringing, problems }
}

export function ignoredWarning({ ignored }: Pick<Heeded, 'ignored'>): string[] {
  if (ignored.length === 0) return []
  return [
    `${list(ignored)} ${verb(ignored.length, 'rings already and is', 'ring already and are')} not heeded in this deployment.`,
  ]
}

/**
 * What takes the way back, or hands over more traffic, is not begun while an alarm of the deployment rings.
 * @throws {Refusal} (2) naming the alarms.
 */
export async function refuseRinging(
  clients: Pick<AwsClients, 'cloudWatch'>,
  alarms: readonly string[],
  next: string,
): Promise<void> {
  const sentence = ringingSentence(await readAlarms(clients, alarms))
  if (sentence !== null) throw new Refusal(2, 'refused', sentence, next)
}
