import { parseArgs } from 'node:util'
import { firstSentence } from '../support/first-sentence.ts'

export type Options = Readonly<{ cycles: number; seed: number; minutes: number }>

export const usage = `npm run soak [-- --cycles N] [--seed S] [--minutes N]

Deploys a service on virtual instances again and again by real coordinator processes over the wire, and rolls back or finishes
each deployment by turns, while calls are throttled, refused, lost and repeated and coordinators are killed and resumed. After
every command it looks for what should not be left over, and it measures at the start, in the middle and at the end. Ends with
1 where something is left over, fails for good, or grows.

  --cycles N   deployments, each rolled back or finished (200)
  --seed S     of the faults (1)
  --minutes N  begins no cycle after so long (60)
  -h, --help   this text
`

/** @throws {Error} whose message says what is wrong with them. */
export function optionsOf(argv: readonly string[]): Options | 'help' {
  const values = parsed(argv)
  if (values.help) return 'help'
  return {
    cycles: numberOf('cycles', values.cycles, 4, 10_000),
    seed: numberOf('seed', values.seed, 0, Number.MAX_SAFE_INTEGER),
    minutes: numberOf('minutes', values.minutes, 1, 1_440),
  }
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        cycles: { type: 'string', default: '200' },
        seed: { type: 'string', default: '1' },
        minutes: { type: 'string', default: '60' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    throw new Error(firstSentence(error as Error), { cause: error })
  }
}

function numberOf(name: string, text: string, least: number, most: number): number {
  const number = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(number) && number >= least && number <= most) return number
  throw new Error(`--${name} takes a whole number from ${least} to ${most}; it was ${text}.`)
}
