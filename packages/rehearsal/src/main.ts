import { accessSync, constants } from 'node:fs'
import { dirname } from 'node:path'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { openContainerScene } from './container-scene.ts'
import type { Check } from './checks.ts'
import { createNarrator, type Narrator } from './narrator.ts'
import { formatOutcome, formatScenario } from './outcome.ts'
import { rehearse, type RehearsalOptions } from './rehearse.ts'
import { scenarios } from './scenarios/all.ts'
import { play } from './scenarios/drill.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { HostLacks, type Scene } from './scene.ts'
import { tellStory } from './story.ts'
import { openVirtualScene } from './virtual-scene.ts'

type Options = {
  virtual: boolean
  instances: number
  rate: number
  install: boolean
  agent?: string
  scenario?: string
  report?: string
}

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
    return await run(program.opts<Options>(), interrupt.signal)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (interrupt.signal.aborted) {
      say('Interrupted: everything it started was ended.')
      return 130
    }
    say(error instanceof HostLacks ? error.message : `The rehearsal failed: ${(error as Error).message}`)
    return error instanceof HostLacks ? 2 : 1
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

async function run(options: Options, signal: AbortSignal): Promise<number> {
  const scenario = scenarios.find(({ name }) => name === options.scenario)
  const least = scenario?.leastInstances ?? 1
  if (options.instances < least) {
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
  try {
    const howMuch = { instances: options.instances, perSecond: options.rate, signal }
    const { outcome, checks } = await playOut(scene, narrator, howMuch, scenario)
    if (options.report !== undefined) {
      const story = await tellStory(scene, narrator, { file: options.report, signal })
      process.stdout.write(`\n${story}\n`)
    }
    process.stdout.write(`\n${outcome}\n`)
    return checks.every((check) => check.ok) ? 0 : 1
  } finally {
    narrator.say('ending everything the rehearsal started')
    await scene.close()
  }
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

function rehearseCommand(): Command {
  const listed = scenarios.map(({ name, summary }) => `  ${name.padEnd(20)}${summary}`).join('\n')
  return new Command('switchover rehearse')
    .description(
      'Deploy, roll back, deploy again and finish a sample service on this machine, under steady traffic. ' +
        'Instances are containers with their own systemd, cloud-init and Docker engine; AWS is the local AWS.',
    )
    .option('--virtual', 'model the instances instead: seconds, no Docker, no root', false)
    .addOption(
      new Option('--scenario <name>', 'break something instead, and see what comes of it').choices(
        scenarios.map(({ name }) => name),
      ),
    )
    .option('--report <file>', 'tell the story of its last deployment, and write it as a page', writableFile)
    .option('--instances <n>', 'instances of the live group, 1 to 8', within('--instances', 8), 2)
    .option('--rate <n>', 'requests a second, 1 to 500', within('--rate', 500), 50)
    .option(
      '--agent <file>',
      "the agent's tarball for container instances (default: built from this checkout)",
      readableFile,
    )
    .option('--no-install', 'name what this machine lacks instead of installing it')
    .addHelpText(
      'after',
      `\nScenarios, each on container instances or, with --virtual, on modelled ones:\n${listed}\n` +
        '\nExamples:\n  switchover rehearse --virtual\n  switchover rehearse --virtual --scenario bad-image --report story.html\n' +
        '\nExit codes: 0 all went as it must · 1 something did not · 2 this machine lacks a part · 130 interrupted',
    )
    .exitOverride()
}

const within =
  (flag: string, most: number) =>
  (text: string): number => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= 1 && value <= most) return value
    throw new InvalidArgumentError(`${flag} takes a whole number from 1 to ${most}.`)
  }

/** Before anything is started. */
function readableFile(path: string): string {
  try {
    accessSync(path, constants.R_OK)
    return path
  } catch {
    throw new InvalidArgumentError(`--agent takes the path of a tarball; ${path} cannot be read.`)
  }
}

/** Before a minute has gone into a story that cannot be kept. */
function writableFile(path: string): string {
  try {
    accessSync(dirname(path), constants.W_OK)
    return path
  } catch {
    throw new InvalidArgumentError(
      `--report takes the path of a page to write; ${dirname(path)} cannot be written to.`,
    )
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
