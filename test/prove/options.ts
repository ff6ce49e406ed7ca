import { availableParallelism } from 'node:os'
import { parseOptions, wholeNumber } from '../../build/options.ts'
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

/** Null where only help is wanted. @throws {Error} one sentence about what is wrong with `argv`. */
export function optionsOf(argv: readonly string[], names: readonly string[]): Options | null {
  const values = parseOptions(argv, {
    command: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', default: 'all' },
    jobs: { type: 'string', default: String(jobsByDefault) },
    minutes: { type: 'string', default: '60' },
    at: { type: 'string' },
  })
  if (values === null) return null
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
    jobs: wholeNumber('jobs', values.jobs, 1, 64),
    minutes: wholeNumber('minutes', values.minutes, 1, 1_440),
    at: placeOf(values.at, commands),
  }
}

function placeOf(text: string | undefined, commands: readonly string[]): Kill | null {
  if (text === undefined) return null
  const at = killNamed(text)
  if (at === null) throw new Error(`--at takes a place such as 12.3:after or 4.0:before; it was ${text}.`)
  if (commands.length !== 1) throw new Error('--at is a place in one command: name it with --command.')
  return at
}
