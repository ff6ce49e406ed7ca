import { tagKey } from '@switchover/contract/tags'
import { calm, isCalm } from './fate.ts'
import { groupNames, type Plan } from './plan.ts'
import type { GroupTruth, ServiceTruth } from './truth.ts'
import { runWorld, type Outcome } from './world.ts'

/** Runs a plan and, where all that befell it is the end of coordinators, holds it against the same without (rule 5). */
export async function checkPlan(plan: Plan): Promise<Outcome> {
  const first = await runWorld(plan)
  if (first.violation !== null || !onlyInterrupted(plan)) return first
  const spared = await runWorld({
    ...plan,
    heirs: [],
    story: plan.story.map((command) => ({ ...command, fate: calm })),
  })
  if (spared.violation !== null) return spared
  const outcome = withWorkOf(first, spared)
  const text = difference(outcome.end, spared.end)
  if (text === null) return outcome
  return { ...outcome, violation: { rule: '5, killed and resumed ends as not killed', text } }
}

/** What was simulated in both. */
function withWorkOf(first: Outcome, second: Outcome): Outcome {
  return {
    ...first,
    commands: first.commands + second.commands,
    deployments: first.deployments + second.deployments,
    calls: first.calls + second.calls,
    simulatedMs: first.simulatedMs + second.simulatedMs,
  }
}

function difference(is: ServiceTruth, wanted: ServiceTruth): string | null {
  for (const name of groupNames) {
    const group = plain(wanted.groups[name])
    for (const [field, value] of Object.entries(plain(is.groups[name]))) {
      const [found, other] = [JSON.stringify(value), JSON.stringify(group[field as keyof GroupTruth])]
      if (found !== other)
        return `${name} ends with ${field} ${found}, and with ${other} where no coordinator was interrupted.`
    }
  }
  return is.alarms.join() === wanted.alarms.join() ? null : 'Alarms end otherwise.'
}

/** Of a deployment only that there is one: its id differs from run to run. */
function plain(group: GroupTruth): GroupTruth {
  const { [tagKey.deployment]: id, ...tags } = group.tags
  return { ...group, tags: id === undefined ? tags : { ...tags, [tagKey.deployment]: 'one' } }
}

/** In so many seconds a deployment gets done whatever stands still on the way; in fewer it may fail for that. */
const enoughS = 1_200

/** Whether coordinators were interrupted and resumed, and nothing else happened. */
function onlyInterrupted({ story, hands, events, faults, others, service }: Plan): boolean {
  const hurried = story.some(({ command }) => command.kind === 'deploy' && command.flags.timeoutS < enoughS)
  const interrupted = story.some(({ fate }) => !isCalm(fate))
  const more = hands.length + events.length + faults.length + others.length
  return (
    interrupted && !hurried && more === 0 && service.v2 === 'good' && story.every(({ resumed }) => resumed)
  )
}
