import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { firstSentence } from '../support/first-sentence.ts'
import { killNamed, type Kill } from './place.ts'

export type Options = Readonly<{
  commands: readonly string[]
  only: 'all' | 'changing'
  jobs: number
  /** No kill is begun after so long. */
  minutes: number
  at: Kill | null
}>

/** One command a processor keeps it half busy: most of the time is a lease running out. */
const jobsByDefault = 4 * availableParallelism()

export function usage(names: readonly string[]): string {
  return `npm run prove [-- --command NAME,…] [--only changing] [--jobs N] [--minutes N]
npm run prove -- --command NAME --at PLACE

Kills a real coordinator process at every call it makes to AWS, before the call arrives and after it took effect, has
another one go on, and compares what they leave behind with what a run leaves that nobody killed. Prints a table, and ends
with 1 where anything differs, fails, or leaves fewer instances serving than there were.

  --command NAME,…  these alone; also several times (all of them)
  --only WHICH      all: at every call, or changing: at those that change something (all)
  --jobs N          kills under way at once (${jobsByDefault} here)
  --minutes N       begins no kill after so long; changing calls come first (60)
  --at PLACE        one kill again, as a line of a failure names it: 12.3:after is the third call after the twelfth change
  -h, --help        this text

Commands: ${names.join(', ')}.
`
}

/** @throws {Error} whose message says what is wrong with them. */
export function optionsOf(argv: readonly string[], names: readonly string[]): Options | 'help' {
  const values = parsed(argv)
  if (values.help) return 'help'
  const given = values.command.flatMap((text) => text.split(','))
  const unknown = given.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new Error(`There is no command "${unknown}" to kill; there are ${names.join(', ')}.`)
  const commands = given.length === 0 ? names : names.filter((name) => given.includes(name))
  if (values.only !== 'all' && values.only !== 'changing')
    throw new Error(`--only takes all or changing; it was ${values.only}.`)
  return {
    commands,
    only: values.only,
    jobs: numberOf('jobs', values.jobs, 64),
    minutes: numberOf('minutes', values.minutes, 1_440),
    at: placeOf(values.at, commands),
  }
}

function numberOf(name: string, text: string, most: number): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 1 && number <= most) return number
  throw new Error(`--${name} takes a whole number from 1 to ${most}; it was ${text}.`)
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        command: { type: 'string', multiple: true, default: [] },
        only: { type: 'string', default: 'all' },
        jobs: { type: 'string', default: String(jobsByDefault) },
        minutes: { type: 'string', default: '60' },
        at: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    throw new Error(firstSentence(error as Error), { cause: error })
  }
}

function placeOf(text: string | undefined, commands: readonly string[]): Kill | null {
  if (text === undefined) return null
  const at = killNamed(text)
  if (at === null) throw new Error(`--at takes a place such as 12.3:after or 4.0:before; it was ${text}.`)
  if (commands.length !== 1) throw new Error('--at is a place in one command: name it with --command.')
  return at
}
