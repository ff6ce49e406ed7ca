import { parseOptions, wholeNumber } from '../../build/options.ts'

export const parts = ['fleet', 'detection', 'script', 'boot', 'agent'] as const
export type Part = (typeof parts)[number]

export type Options = Readonly<{
  only: readonly Part[]
  sizes: readonly number[]
  rounds: number
  operations: boolean
  /** A file or a directory. */
  svg: string | null
}>

const sizes = '4,40,400,1000'
/** A script starts Python for each of its calls. */
export const mostForScript = 40
const mostInstances = 2_000
const mostRounds = 50

export const usage = `npm run bench [-- --only fleet,agent] [--sizes 4,40] [--rounds 5] [--operations] [--svg FILE]

Measures on this machine, and ends with 1 where a target is missed, with 2 where it cannot be done as asked.

  --only PART,…  fleet: deploy, roll back, deploy again and finish fleets of virtual instances while AWS takes its time
                 detection: from what happens to the step that answers it
                 script: deploy beside a shell script with the AWS CLI; left out where that is not installed
                 boot: the agent on a container machine, against the bare commands and a script
                 agent: memory and start of the agent as it ships
                 (all, one after the other)
  --sizes N,…    fleet: instances to deploy, each a run of its own; script: those up to ${mostForScript} (${sizes})
  --rounds N     detection, boot, agent: how often each is measured (5)
  --operations   fleet: list the calls of every command by operation
  --svg FILE     fleet: draw how cost grows; in a directory the file is growth.svg
  -h, --help     this text
`

/** Null where only help is wanted. @throws {Error} one sentence about what is wrong with `argv`. */
export function optionsOf(argv: readonly string[]): Options | null {
  const values = parseOptions(argv, {
    only: { type: 'string', default: parts.join(',') },
    sizes: { type: 'string', default: sizes },
    rounds: { type: 'string', default: '5' },
    operations: { type: 'boolean', default: false },
    svg: { type: 'string' },
  })
  if (values === null) return null
  if (values.svg === '') throw new Error('--svg takes a file or a directory; it was empty.')
  return {
    only: partsOf(values.only),
    sizes: sizesOf(values.sizes),
    rounds: wholeNumber('rounds', values.rounds, 1, mostRounds),
    operations: values.operations,
    svg: values.svg ?? null,
  }
}

function partsOf(text: string): Part[] {
  const names = text.split(',')
  const known = parts.filter((part) => names.includes(part))
  if (names.every((name) => known.some((part) => part === name))) return known
  throw new Error(`--only takes ${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}; it was ${said(text)}.`)
}

/** Smallest first, each once. */
function sizesOf(text: string): number[] {
  const found = text.split(',').map(Number)
  if (found.every((size) => Number.isInteger(size) && size >= 1 && size <= mostInstances))
    return [...new Set(found)].toSorted((a, b) => a - b)
  throw new Error(
    `--sizes takes whole numbers from 1 to ${mostInstances}, as in 4,40,400; it was ${said(text)}.`,
  )
}

const said = (text: string) => (text === '' ? 'empty' : text)
