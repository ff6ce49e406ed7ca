import { count } from '@switchover/coordinator/decide/words'
import { readCommandLine } from '../../build/options.ts'
import { bundleCoordinator } from '../support/coordinator.ts'
import { subjects } from './commands.ts'
import type { Undisturbed } from './killed.ts'
import { optionsOf, usage, type Options } from './options.ts'
import { nameOf } from './place.ts'
import { Pool } from './pool.ts'
import { failureOf, inOrder, judge, killsOf, shortOf, type Planned, type Verdict } from './proof.ts'
import { explanation, table } from './table.ts'

/**
 * `npm run prove`: a coordinator killed anywhere and resumed ends as one that nobody killed (docs/proof.md). Exit code 1 where it does not hold.
 */
const names = Object.keys(subjects)
const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** The jobs end with their parent, and the coordinators with the jobs. */
const interrupt = new AbortController()

/** Of a place that a run did not come to. */
const tries = 3

/** Of every command, as nobody kills it. @throws {Error} where it fails even then. */
async function references(
  pool: Pool,
  commands: readonly string[],
  stop: AbortSignal,
): Promise<Map<string, Undisturbed>> {
  const found = new Map<string, Undisturbed>()
  const orders = commands.map((command) => ({ command, kill: null }))
  await pool.run(orders, stop, ({ command }, answer) => {
    if (interrupt.signal.aborted) return
    const failed = 'undisturbed' in answer ? shortOf(command, answer.undisturbed.least) : failureOf(answer)
    if (failed !== null) throw new Error(`${command} fails where nobody kills it: ${failed}`)
    if ('undisturbed' in answer) found.set(command, answer.undisturbed)
  })
  return found
}

/** Kills at each place; a place that a run did not come to is tried again. */
async function killAll(
  pool: Pool,
  all: readonly Planned[],
  stop: AbortSignal,
  verdicts: Verdict[],
): Promise<void> {
  let left = [...all]
  for (let attempt = 1; attempt <= tries && left.length > 0; attempt += 1) {
    const missed: Planned[] = []
    await pool.run(left, stop, (planned, answer) => {
      if (interrupt.signal.aborted) return
      const verdict = judge(planned.command, planned.kill, answer, planned.reference)
      if (verdict.where === null && attempt < tries) {
        missed.push(planned)
        return
      }
      verdicts.push(verdict)
      if (verdict.wrong !== null) explain(verdict)
      progress(verdicts, all.length)
    })
    left = missed
  }
}

function explain({ command, kill, where, wrong }: Verdict): void {
  clearProgress()
  say(`${command} killed at ${where ?? nameOf(kill)}: ${wrong}`)
  say(`  The same again: npm run prove -- --command ${command} --at ${nameOf(kill)}`)
}

function progress(verdicts: readonly Verdict[], of: number): void {
  const wrong = verdicts.filter((verdict) => verdict.wrong !== null).length
  const line = `${verdicts.length} of ${of} kills, ${wrong} not made good`
  if (process.stderr.isTTY) process.stderr.write(`\r${line}`)
  else if (verdicts.length % 100 === 0 || verdicts.length === of) process.stderr.write(`${line}\n`)
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K')
}

function report(planned: readonly Planned[], verdicts: readonly Verdict[], how: string): void {
  clearProgress()
  const commands = [...new Set(planned.map(({ command }) => command))]
  const proved = commands.flatMap((command) => {
    const places = planned.filter((one) => one.command === command)
    const undisturbed = places[0]?.reference
    const own = verdicts.filter((verdict) => verdict.command === command)
    return undisturbed ? [{ command, undisturbed, places: places.length, verdicts: own }] : []
  })
  say(`${table(proved)}\n${explanation}`)
  const wrong = verdicts.filter((verdict) => verdict.wrong !== null).length
  const missed = verdicts.filter(({ where }) => where === null).length
  const left = planned.length - verdicts.length
  say(`${count(verdicts.length - missed, 'kill')} ${how}: ${wrong} not made good.`)
  if (missed > 0) say(`Not come to again, for the command had ended by then: ${count(missed, 'place')}.`)
  if (left > 0) say(`Not begun: ${count(left, 'place')}.`)
}

async function prove({ commands, only, jobs, minutes, at }: Options): Promise<number> {
  const from = performance.now()
  const stop = AbortSignal.any([interrupt.signal, AbortSignal.timeout(minutes * 60_000)])
  await bundleCoordinator()
  using pool = new Pool(jobs)
  // What is under way is of no use to anybody any more.
  interrupt.signal.addEventListener('abort', () => pool[Symbol.dispose]())
  const found = await references(pool, commands, stop)
  const planned = inOrder(
    [...found].map(([command, reference]) =>
      (at ? [at] : killsOf(reference, only)).map((kill) => ({ command, kill, reference })),
    ),
  )
  const verdicts: Verdict[] = []
  await killAll(pool, planned, stop, verdicts)
  report(planned, verdicts, `in ${Math.round((performance.now() - from) / 1_000)} s, ${jobs} at once`)
  if (interrupt.signal.aborted) return 130
  return verdicts.some(({ wrong }) => wrong !== null) ? 1 : 0
}

async function main(): Promise<void> {
  const options = readCommandLine(usage(names), (argv) => optionsOf(argv, names))
  if (options === null) return
  try {
    process.exitCode = await prove(options)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    clearProgress()
    process.stderr.write('Interrupted; what was proved so far:\n')
    if (interrupt.signal.aborted) process.exit(130)
    interrupt.abort()
  })

await main()
process.exit()
