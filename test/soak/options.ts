import { parseOptions, wholeNumber } from '../../build/options.ts'

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

/** Null where only help is wanted. @throws {Error} one sentence about what is wrong with `argv`. */
export function optionsOf(argv: readonly string[]): Options | null {
  const values = parseOptions(argv, {
    cycles: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '60' },
  })
  if (values === null) return null
  return {
    cycles: wholeNumber('cycles', values.cycles, 4, 10_000),
    seed: wholeNumber('seed', values.seed, 0, Number.MAX_SAFE_INTEGER),
    minutes: wholeNumber('minutes', values.minutes, 1, 1_440),
  }
}
