import { seededRandom } from '@switchover/local-aws/seeded-random'
import { formatTable } from '@switchover/rehearsal/table'
import { readCommandLine } from '../../build/options.ts'
import { bundleCoordinator, endRunning } from '../support/coordinator.ts'
import { liveService } from '../support/live-service.ts'
import { Soak } from './cycle.ts'
import { Disturber, drawFaults } from './disturbed.ts'
import { growth } from './growth.ts'
import { type Sample, sampleOf } from './measure.ts'
import { type Options, optionsOf, usage } from './options.ts'

/** `npm run soak`: what many deployments in a row leave behind, and whether anything grows. */
const instances = 3
const max = 6
/** More than two commands and their resumptions make. */
const callsACycle = 1_000
const moments = [0.1, 0.5, 1]

const say = (text: string): void => void process.stdout.write(`${text}\n`)

type Outcome = { samples: Sample[]; leftOver: string[] }

async function soak({ cycles, seed, minutes }: Options): Promise<number> {
  const from = performance.now()
  await bundleCoordinator()
  const random = seededRandom(seed)
  // Terminated instances are forgotten at once, where AWS lists them for an hour: they would be all that grows.
  await using service = await liveService({ instances, timing: { terminatedListedMs: 1_000 } })
  const disturber = new Disturber(service, random, drawFaults(random, cycles * callsACycle))
  const soak = new Soak(service, disturber, { instances, max })
  const outcome: Outcome = { samples: [], leftOver: [] }
  const marks = moments.map((part) => Math.max(1, Math.round(cycles * part)))
  let cycle = 1
  for (; cycle <= cycles && performance.now() - from < minutes * 60_000; cycle += 1) {
    if (marks.includes(cycle)) {
      outcome.samples.push(await sampleOf(service, soak.deployArgs(), soak.deployments + 1))
      soak.deployed()
    } else await soak.deploy()
    await (cycle % 2 === 0 ? soak.finish() : soak.rollback())
    const left = await soak.leftOver()
    outcome.leftOver.push(...left.map((sentence) => `After cycle ${cycle}: ${sentence}.`))
    if (left.length > 0) break
    progress(cycle, cycles)
  }
  const { seen } = disturber
  const faults = [...seen.faults].map(([kind, times]) => `${times} ${kind}`)
  const total = [...seen.faults.values()].reduce((sum, times) => sum + times, 0)
  say(table(outcome.samples))
  say(
    `${soak.deployments} deployments, ${soak.rollbacks} rolled back, ${soak.deployments - soak.rollbacks} finished, in ${Math.round((performance.now() - from) / 1_000)} s.`,
  )
  say(`${seen.kills} coordinators killed, ${total} faults in ${seen.calls} calls: ${faults.join(', ')}.`)
  const bad = [...outcome.leftOver, ...growth(outcome.samples)]
  for (const sentence of bad) say(sentence)
  if (bad.length === 0)
    say(
      outcome.samples.length > 1
        ? 'Nothing was left over, and nothing grew but the history.'
        : 'Nothing was left over; whether anything grows was not measured, for the time was over before.',
    )
  if (cycle <= cycles && outcome.leftOver.length === 0)
    say(`The time was over after ${cycle - 1} of ${cycles} cycles.`)
  return bad.length === 0 ? 0 : 1
}

const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(1)

function table(samples: readonly Sample[]): string {
  return formatTable(
    ['at deployment', 'calls', 'coordinator MB', 'record bytes', 'local AWS MB', 'store keys', 'store KB'],
    samples.map((sample) => [
      String(sample.deployments),
      String(sample.calls),
      megabytes(sample.coordinatorBytes),
      String(sample.recordBytes),
      megabytes(sample.accountBytes),
      String(sample.storeKeys),
      (sample.storeBytes / 1_000).toFixed(0),
    ]),
  )
}

function progress(cycle: number, of: number): void {
  const line = `${cycle} of ${of} cycles`
  if (process.stderr.isTTY) process.stderr.write(`\r${line}`)
  else if (cycle % 10 === 0 || cycle === of) process.stderr.write(`${line}\n`)
}

async function main(): Promise<void> {
  const options = readCommandLine(usage, optionsOf)
  if (options === null) return
  try {
    process.exitCode = await soak(options)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    endRunning()
    process.stderr.write('Interrupted.\n')
    process.exit(130)
  })

await main()
process.exit()
