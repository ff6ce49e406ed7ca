import { type Ended, type Running, start } from './coordinator.ts'
import type { Intercepted, LiveService } from './live-service.ts'

export const moments = ['before', 'after'] as const
export type Moment = (typeof moments)[number]

export type Killed = {
  /** The operation it was killed at; null where it ended first. */
  operation: string | null
  ended: Ended
}

/**
 * Runs a command until the first call that is `chosen`, and kills its process before that call reached AWS or after it
 * took effect. What it has under way besides is not answered.
 */
export async function killWhen(
  service: LiveService,
  args: readonly string[],
  moment: Moment,
  chosen: (call: Intercepted) => boolean,
): Promise<Killed> {
  let operation: string | null = null
  let victim: Running | null = null
  service.intercept(async (call, proceed) => {
    if (operation !== null) return null
    if (!chosen(call)) return proceed()
    operation = call.operation
    if (moment === 'after') await proceed()
    victim?.process.kill('SIGKILL')
    await victim?.ended
    return null
  })
  victim = start(args, service.env)
  const ended = await victim.ended
  service.intercept(null)
  return { operation, ended }
}

/**
 * Runs a command until its changing call number `index`, and says which operation that was; null where it ended well before.
 * @throws {Error} where it failed.
 */
export async function kill(
  service: LiveService,
  args: readonly string[],
  moment: Moment,
  index: number,
): Promise<string | null> {
  let changing = 0
  const { operation, ended } = await killWhen(
    service,
    args,
    moment,
    ({ kind }) => kind === 'change' && changing++ === index,
  )
  if (operation !== null && ended.signal === 'SIGKILL') return operation
  if (ended.code === 0) return null
  throw new Error(`${args.join(' ')} ended before changing call ${index}: ${explain(ended)}`)
}

/** A process that stalls looks again and writes once more, or finds done what it was about to do: its calls count on differently. */
const triesAtMost = 5

/**
 * Has `killed` run for before and after each of `calls`, and again where its command did not come to that call.
 * @param killed says which call it was killed at, null for none
 * @returns the places that no run came to
 */
export async function killAtEach(
  calls: readonly string[],
  atOnce: number,
  killed: (moment: Moment, index: number) => Promise<string | null>,
): Promise<string[]> {
  const cases = calls.flatMap((_, index) => moments.map((moment) => ({ moment, index })))
  const left = [...cases]
  const covered = new Set<string>()
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) {
      const { moment, index } = next
      const wanted = placeOf(moment, index, calls[index])
      for (let tries = 0; tries < triesAtMost && !covered.has(wanted); tries += 1) {
        const operation = await killed(moment, index)
        if (operation !== null) covered.add(placeOf(moment, index, operation))
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  const wanted = cases.map(({ moment, index }) => placeOf(moment, index, calls[index]))
  return wanted.filter((place) => !covered.has(place))
}

export function placeOf(moment: Moment, index: number, call: string | undefined): string {
  return `${moment} ${index} ${call}`
}

export function explain({ stderr, events }: Ended): string {
  return `${stderr}\n${events.map((event) => event.text).join('\n')}`
}
