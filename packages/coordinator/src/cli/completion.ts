import tab from '@bomb.sh/tab/commander'
import type { Command } from 'commander'
import { listServices } from '../aws/services.ts'
import type { Host } from './host.ts'
import { withHelp } from './options.ts'

/** A shell waits for the answer, and so does who pressed the key. Milliseconds. */
const answerMs = 3_000

/**
 * Adds `completion SHELL`, which prints a shell's script, and `complete`, which those scripts call at each key.
 * @param options.argv of this run; where it asks for the name of a service, AWS is asked for them
 */
export async function addCompletion(
  program: Command,
  host: Host,
  { argv, summary }: { argv: readonly string[]; summary: string },
): Promise<void> {
  if (argv[0] === 'complete') await offerServices(program, host, argv.slice(argv[1] === '--' ? 2 : 1))
  for (const command of program.commands) shorten(command)
  tab(program, { completionCommandName: 'completion' })
  describe(program, summary)
}

/** The library names its command; what it is good for is ours to say. */
function describe(program: Command, summary: string): void {
  const command = program.commands.find((known) => known.name() === 'completion')
  if (command === undefined) return
  command.summary(summary)
  command.description(
    'Print the script that completes commands, options and the names of services in a shell. Names come from AWS, at each key.',
  )
  withHelp(
    command,
    [
      'source <(switchover completion bash)',
      'switchover completion fish > ~/.config/fish/completions/switchover.fish',
    ],
    ['0    printed', '2    no such shell'],
  )
}

/** A menu beside the cursor has room for a phrase. */
function shorten(command: Command): void {
  command.description(command.summary())
  for (const option of command.options) option.description = option.description.split(/[.,;:(]/)[0] ?? ''
}

async function offerServices(program: Command, host: Host, words: readonly string[]): Promise<void> {
  const command = program.commands.find((known) => known.name() === words[0])
  const argument = command?.registeredArguments[0]
  if (!command || argument?.name() !== 'SERVICE') return
  const { positional, settings } = readWords(command, words.slice(1, -1))
  if (positional > 0 || words.at(-1)?.startsWith('-') === true) return
  try {
    const { autoScaling } = host.connect(settings)
    argument.choices(await listServices(autoScaling, AbortSignal.timeout(answerMs)))
  } catch {
    // Without a region, credentials or a connection there are no names to offer, and no place to say so.
  }
}

/** How many arguments stand before the word that is completed, and where AWS is to be asked. */
function readWords(command: Command, words: readonly string[]) {
  const settings: { region?: string; profile?: string } = {}
  let positional = 0
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    const option = command.options.find(({ long, short }) => word === long || word === short)
    if (option === undefined) positional += word.startsWith('-') ? 0 : 1
    else if (option.required || option.optional) {
      at += 1
      if (word === '--region' || word === '--profile')
        settings[option.attributeName() as 'region' | 'profile'] = words[at] ?? ''
    }
  }
  return { positional, settings }
}
