import { calm } from './fate.ts'
import type { Ended } from './person.ts'
import type { CommandPlan, Heir, Plan } from './plan.ts'
import type { Scene } from './scene.ts'
import { recordIn } from './truth.ts'

/** What a story is told with. */
type Means = Readonly<{
  plan: Plan
  scene: Scene
  /** Gives one command to a process of its own. */
  command: (given: Pick<CommandPlan, 'command' | 'fate'>) => Promise<Ended>
  /** How many deployments were begun so far. */
  begun: () => number
  /** Whether any command is under way. */
  working: () => boolean
  /** Asks the rules about the service at rest, if it is. */
  rest: () => void
  breach: (rule: string, text: string) => void
}>

/** Tries of a person to bring an interrupted command to its end, and the time between two. Milliseconds. */
const tries = 20
const betweenMs = 20_000
/** So often a person who is told to decide tries what else there is. */
const heldMost = 4
/** What goes on by itself once nobody works any more. */
const settleMs = 150_000

/** Gives the commands of a plan one after the other, and brings to its end whatever they leave open. */
export async function tellStory(means: Means): Promise<void> {
  const { plan, scene, command, working, rest, breach } = means
  const heirs = [...plan.heirs]
  for (const one of plan.story) {
    const begunBefore = means.begun()
    const ended = await command(one)
    if (one.resumed || one === plan.story.at(-1))
      await bringToRest(means, heirs, { ...one, begunBefore }, ended)
    rest()
  }
  while (working()) await scene.clock.sleep(betweenMs)
  await bringToRest(means, heirs, null, { exitCode: 1, text: '' })
  await scene.clock.sleep(settleMs)
  rest()
  if (disturbed(plan)) return
  const found = await command({ command: { kind: 'doctor', fix: false }, fate: calm })
  // A first deployment that was taken back leaves a service with nothing, which is worth a word and no breach.
  const empty = plan.service.first && (found?.text.startsWith('nothing-serves') ?? false)
  if (found?.exitCode === 4 && !empty) breach('3, end states', found.text)
}

/** Resumes what was interrupted until it rests; a command that left no trace is given again. */
async function bringToRest(
  { plan, scene, command, begun, working, breach }: Means,
  heirs: Heir[],
  given: (CommandPlan & { begunBefore: number }) | null,
  ended: Ended,
): Promise<void> {
  if (ended !== null && ended.exitCode === 0) return
  let held = 0
  let last = ended
  for (let attempt = 0; attempt < tries && held < heldMost; attempt++) {
    const deployment = recordIn(scene)?.deployment
    if (deployment?.stage !== 'running' && deployment?.stage !== 'held') {
      if (given !== null && forgotten(given, begun(), ended, attempt)) await command({ ...given, fate: calm })
      return
    }
    const back = deployment.goal !== 'finish' && held > 1
    const { takeOver: asked, ...fate } = heirs.shift() ?? { ...calm, takeOver: false }
    // Whoever takes over has to be sure that nobody else is at work.
    const takeOver = asked && last === null && !working()
    last = await command({
      command: back ? { kind: 'rollback', keep: 0, floor: 100 } : { kind: 'resume', takeOver },
      fate,
    })
    if (last?.exitCode === 4) held += 1
    await scene.clock.sleep(betweenMs)
  }
  const left = recordIn(scene)?.deployment
  if (left && !disturbed(plan))
    breach('7, bounded steps without oscillation', `The ${left.goal} does not end.`)
}

/** Whether nobody knows any more that a command was given: a deploy may have died over what it had to finish first. */
function forgotten(
  { command, begunBefore }: CommandPlan & { begunBefore: number },
  begun: number,
  ended: Ended,
  attempt: number,
): boolean {
  if (command.kind === 'deploy') return begun === begunBefore
  return attempt === 0 && (ended === null || ended.exitCode === 130)
}

/** Whether people or the world did something that may need a person. */
function disturbed({ hands, events, service }: Plan): boolean {
  return hands.length + events.length > 0 || service.v2 !== 'good'
}
