import { Command, CommanderError, Help, Option } from 'commander'
import type { ResultEvent } from '../events.ts'
import { addDeploy } from './deploy.ts'
import { addDoctor } from './doctor.ts'
import { addFinish, addResume, addRollback } from './ending-commands.ts'
import { addHistory } from './history.ts'
import type { Host } from './host.ts'
import { formatEvent } from './output.ts'
import { passedOn, passOn } from './passed-on.ts'
import { addPromote } from './promote.ts'
import { addPublish } from './publish.ts'
import { addReport } from './report.ts'
import { addStatus } from './status.ts'
import { describeVersion } from './version.ts'

const completionSummary = 'print the script that completes commands in bash, zsh or fish'

/**
 * Runs one command line and gives its exit code. Expected failures are sentences on stderr; nothing is thrown but bugs outside
 * a command.
 * @param argv without the program's name
 */
export async function run(host: Host, argv: readonly string[]): Promise<number> {
  const [first, about] = argv
  if (first === 'help') return run(host, about === undefined ? ['--help'] : [about, '--help'])
  const [name = '', ...rest] = argv
  if (Object.hasOwn(passedOn, name)) return await passOn(host, name, rest)
  let exitCode = 0
  const program = createProgram(host, argv, (code) => {
    exitCode = code
  })
  try {
    if (completing(argv)) {
      const { addCompletion } = await import('./completion.ts')
      await addCompletion(program, host, { argv, summary: completionSummary })
    }
    // Help on a command that does not exist would be the help of all.
    const unknown = /^[^-]/.test(name) && !knows(program, name)
    await program.parseAsync(unknown ? [name] : [...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return usageEnds(host, program, argv, error)
    throw error
  }
}

function knows(program: Command, name: string | undefined): boolean {
  return program.commands.some((command) => command.name() === name)
}

/** Its library adds both commands, and is loaded for them alone. */
function completing([name]: readonly string[]): boolean {
  return name === 'completion' || name === 'complete'
}

/** @param argv without the program's name */
export function createProgram(
  host: Host,
  argv: readonly string[],
  done: (exitCode: number) => void,
): Command {
  const program = new Command('switchover')
    .description('Blue/green deployment of Dockerised services on plain EC2 Auto Scaling groups.')
    .version(
      argv.includes('--version') ? describeVersion() : '',
      '--version',
      'print the version and the commit it was built from',
    )
    .helpOption('-h, --help', 'print help; each command has its own')
    .configureHelp({ optionDescription, subcommandTerm })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
      outputError: () => undefined,
    })
    .addHelpText(
      'after',
      '\nExamples:\n  switchover deploy web v42\n  switchover rollback web\n\n' +
        'Exit codes:\n  0 done · 1 failed, the service is safe · 2 cannot be done as asked\n  3 locked · 4 a person must decide · 130 interrupted, resumable\n\n' +
        'Environment:\n  AWS_* as every SDK reads them · DOCKER_CONFIG · NO_COLOR, FORCE_COLOR\n  SWITCHOVER_POLL_MS, milliseconds between two looks (1000)',
    )
  addDeploy(program, host, done)
  addPromote(program, host, done)
  addRollback(program, host, done)
  addFinish(program, host, done)
  addResume(program, host, done)
  addStatus(program, host, done)
  addHistory(program, host, done)
  addReport(program, host, done)
  addDoctor(program, host, done)
  addPublish(program, host, done)
  if (!completing(argv)) program.command('completion').summary(completionSummary)
  for (const [name, { summary }] of Object.entries(passedOn)) program.command(name).summary(summary)
  return program
}

/** A flag is off unless it is given: that goes without saying. */
function optionDescription(option: Option): string {
  const shown = Object.assign(new Option(option.flags), option)
  if (option.defaultValue === false) shown.defaultValue = undefined
  return new Help().optionDescription(shown)
}

function subcommandTerm(command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const word = argument.name()
    return argument.required ? word : `[${word}]`
  })
  return [command.name(), ...words].join(' ')
}

/** Help and version are no failure; anything else is bad usage: one sentence, exit 2. */
function usageEnds(host: Host, program: Command, argv: readonly string[], error: CommanderError): number {
  if (error.code === 'commander.version' || error.code === 'commander.helpDisplayed') return 0
  if (error.code === 'commander.help') return 2
  const known = knows(program, argv[0])
  const result: ResultEvent = {
    event: 'result',
    at: host.clock.now(),
    text: sentence(error.message),
    outcome: 'refused',
    exitCode: 2,
    next: known ? `switchover ${argv[0]} --help` : 'switchover --help',
    details: {},
  }
  if (argv.includes('--json')) host.stdout.write(`${JSON.stringify(result)}\n`)
  else host.stderr.write(formatEvent(result, false))
  return 2
}

/** `error: unknown option '--x'\n(Did you mean --y?)` as one sentence. */
function sentence(message: string): string {
  const text = message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .trim()
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.)?]$/.test(text) ? '' : '.')
}
