import { undoAfter } from '@switchover/local-aws/clean-up'
import { openContainerScene } from './container-scene.ts'
import type { Check } from './checks.ts'
import { endingOf } from './ending.ts'
import { rehearseCommand, type RehearseFlags } from './command.ts'
import { CannotBeLike, describe, type Likeness, likenessOf, type Seen } from './like/likeness.ts'
import { readService } from './like/read.ts'
import { createNarrator, type Narrator } from './narrator.ts'
import { formatOutcome, formatScenario } from './outcome.ts'
import { rehearse, type RehearsalOptions } from './rehearse.ts'
import { scenarios } from './scenarios/all.ts'
import { play } from './scenarios/drill.ts'
import type { Scenario } from './scenarios/scenario.ts'
import type { Scene } from './scene.ts'
import { tellStory } from './story.ts'
import { openVirtualScene } from './virtual-scene.ts'

/**
 * `switchover rehearse`: the whole job on this machine. Exit code 0 only if nothing failed and the end state is right,
 * 1 if something did, 2 for bad usage or a host that lacks what is needed, 130 after Ctrl-C.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const interrupt = new AbortController()
  const onSignal = (): void => interrupt.abort()
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  try {
    const program = rehearseCommand()
    program.parse(argv, { from: 'user' })
    return await run(program.opts<RehearseFlags>(), interrupt.signal)
  } catch (error) {
    const { lines, exitCode } = endingOf(error, interrupt.signal.aborted)
    for (const line of lines) say(line)
    return exitCode
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

async function run(options: RehearseFlags, signal: AbortSignal): Promise<number> {
  const scenario = scenarios.find(({ name }) => name === options.scenario)
  const least = scenario?.leastInstances ?? 1
  const like = options.like === undefined ? undefined : await likeOf(options.like, options)
  const instances = like?.instances ?? options.instances
  if (instances < least) {
    say(`The scenario ${scenario?.name} needs --instances of at least ${least}.`)
    return 2
  }
  const narrator = createNarrator(say, () => performance.now())
  const open = options.virtual ? openVirtualScene : openContainerScene
  const scene: Scene = await open({
    say: narrator.say,
    install: options.install,
    agent: options.agent,
    signal,
  })
  const close = (): Promise<void> => {
    narrator.say('ending everything the rehearsal started')
    return scene.close()
  }
  let exitCode: number
  try {
    for (const note of like?.notes ?? []) narrator.say(note)
    if (like) narrator.say(`like ${options.like}: ${describe(like)}`)
    const howMuch = { instances, perSecond: options.rate, like, signal }
    const { outcome, checks } = await playOut(scene, narrator, howMuch, scenario)
    const { report } = options
    let story: string | null = ''
    try {
      if (report !== undefined) story = await tellStory(scene, narrator, { file: report, signal })
      if (story) process.stdout.write(`\n${story}\n`)
    } finally {
      process.stdout.write(`\n${outcome}\n`)
    }
    exitCode = story !== null && checks.every((check) => check.ok) ? 0 : 1
  } catch (error) {
    return undoAfter(error, close)
  }
  await close()
  return exitCode
}

/** The main job, or one scenario. */
async function playOut(
  scene: Scene,
  narrator: Narrator,
  options: RehearsalOptions,
  scenario: Scenario | undefined,
): Promise<{ outcome: string; checks: readonly Check[] }> {
  if (scenario) {
    const checks = await play(scenario, scene, narrator, options)
    return { outcome: formatScenario(scenario.name, checks), checks }
  }
  const result = await rehearse(scene, narrator, options)
  return { outcome: formatOutcome(result), checks: result.checks }
}

/** Virtual instances cost an address each; containers cost a machine. */
const most = { virtual: 100, container: 8 }

async function likeOf(service: string, { region, profile, virtual }: RehearseFlags): Promise<Likeness> {
  let seen: Seen
  try {
    seen = await readService(service, { region, profile })
  } catch (error) {
    if (error instanceof CannotBeLike) throw error
    throw new CannotBeLike(`${service} cannot be read: ${(error as Error).message.replace(/\.$/, '')}.`)
  }
  return likenessOf(service, seen, virtual ? most.virtual : most.container, Date.now())
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
