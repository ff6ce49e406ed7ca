import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseOptions, readCommandLine, wholeNumber } from '../../build/options.ts'
import { checkPlan } from './check.ts'
import { generatePlan } from './generate.ts'
import type { Plan } from './plan.ts'
import { runAll, type Totals } from './pool.ts'
import { shrink } from './shrink.ts'
import type { Violation } from './world.ts'
import type { Answer } from './worker.ts'

/**
 * `npm run simulate`: whole worlds on a simulated clock, drawn from seeds, with the rules in rules/ asked after every
 * change. Exit code 1 where one was broken.
 */
const usage = `npm run simulate [-- --worlds N] [--seed S] [--workers N]
npm run simulate -- --replay SEED
npm run simulate -- --plan FILE

Simulates worlds in which a service is deployed, rolled back and finished by real coordinator commands, while calls fail,
coordinators are killed, people interfere and instances die. Nothing waits in real time, nothing leaves the process, and
the same seed always gives the same events.

  --worlds N     worlds to run (1000)
  --seed S       seed of the first; the others count on from it (1)
  --workers N    threads (2)
  --replay SEED  runs the world of one seed and prints everything that happens in it
  --plan FILE    the same of a plan, as a broken rule leaves one behind
  -h, --help     this text
`

/** Lines of a log shown with a broken rule. */
const tailLines = 60
const plansDirectory = fileURLToPath(new URL('../../.cache/simulate/', import.meta.url))

const say = (text: string): void => void process.stdout.write(`${text}\n`)

type Options = { worlds: number; seed: number; workers: number; replay: number | null; plan: string | null }

const mostSeed = Number.MAX_SAFE_INTEGER

/** Null where only help is wanted. @throws {Error} one sentence about what is wrong with `argv`. */
function optionsOf(argv: readonly string[]): Options | null {
  const values = parseOptions(argv, {
    worlds: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    replay: { type: 'string' },
    plan: { type: 'string' },
  })
  if (values === null) return null
  const { worlds, seed, workers, replay, plan = null } = values
  return {
    worlds: wholeNumber('worlds', worlds, 1, 1_000_000),
    seed: wholeNumber('seed', seed, 0, mostSeed),
    workers: wholeNumber('workers', workers, 1, 64),
    replay: replay === undefined ? null : wholeNumber('replay', replay, 0, mostSeed),
    plan,
  }
}

/** Runs one world and prints all of it. */
async function replay(plan: Plan): Promise<number> {
  const { violation, log } = await checkPlan(plan)
  say(JSON.stringify(plan))
  for (const line of log) say(line)
  say(violation ? `Broken: ${violation.rule}. ${violation.text}` : 'No rule was broken.')
  return violation ? 1 : 0
}

/** The rule that a plan breaks; null also where its service does not come up. */
async function brokenBy(plan: Plan): Promise<string | null> {
  try {
    return (await checkPlan(plan)).violation?.rule ?? null
  } catch {
    return null
  }
}

/** What a person needs to see a broken rule again, and the least that breaks it. */
async function explain(seed: number, { rule, text }: Violation, log: readonly string[]): Promise<void> {
  say(`\nSeed ${seed} breaks the rule "${rule}": ${text}`)
  for (const line of log.slice(-tailLines)) say(line)
  say(`The same again: npm run simulate -- --replay ${seed}`)
  const { plan, runs } = await shrink(generatePlan(seed), async (one) => (await brokenBy(one)) === rule)
  await mkdir(plansDirectory, { recursive: true })
  const file = `${plansDirectory}${seed}.json`
  await writeFile(file, `${JSON.stringify(plan, null, 2)}\n`)
  say(`The smallest plan found in ${runs} runs that breaks it: ${JSON.stringify(plan)}`)
  say(`It alone: npm run simulate -- --plan ${file}`)
}

function progress({ worlds, broken }: Totals, of: number): void {
  const line = `${worlds} of ${of} worlds, ${broken.length} broke a rule`
  if (process.stderr.isTTY) process.stderr.write(`\r${line}`)
  else if (worlds % 100 === 0 || worlds === of) process.stderr.write(`${line}\n`)
}

function summary(
  { worlds, broken, commands, deployments, calls, simulatedMs }: Totals,
  { seconds, cpu }: Readonly<{ seconds: number; cpu: number }>,
  seed: number,
): string {
  const rate = (count: number) => (count / seconds).toFixed(1)
  return [
    `${worlds} worlds, seeds ${seed} to ${seed + worlds - 1}, ${broken.length} broke a rule.`,
    `${deployments} deployments among ${commands} commands with ${calls} calls, ${Math.round(simulatedMs / 3_600_000)} simulated hours.`,
    `${seconds.toFixed(1)} s: ${rate(worlds)} worlds, ${rate(deployments)} deployments and ${rate(commands)} commands a second.`,
    `${cpu.toFixed(1)} s of processor time, ${(deployments / cpu).toFixed(1)} deployments a second of it.`,
  ].join('\n')
}

/** Broken worlds that are explained; the others are named. */
const explained = 3

async function simulate({ worlds, seed, workers }: Options): Promise<number> {
  const from = performance.now()
  const used = process.cpuUsage()
  const totals = await runAll({ worlds, seed, workers }, (now) => progress(now, worlds))
  const seconds = (performance.now() - from) / 1_000
  const { user, system } = process.cpuUsage(used)
  if (process.stderr.isTTY) process.stderr.write('\n')
  const broken: Answer[] = totals.broken.toSorted((a, b) => a.seed - b.seed)
  for (const { seed: at, outcome } of broken.slice(0, explained))
    if (outcome.violation) await explain(at, outcome.violation, outcome.log)
  for (const { seed: at, outcome } of broken.slice(explained))
    say(`Seed ${at} breaks the rule "${outcome.violation?.rule}": npm run simulate -- --replay ${at}`)
  say(summary(totals, { seconds, cpu: (user + system) / 1e6 }, seed))
  return broken.length === 0 ? 0 : 1
}

async function main(options: Options): Promise<number> {
  if (options.replay !== null) return replay(generatePlan(options.replay))
  if (options.plan !== null) return replay(JSON.parse(await readFile(options.plan, 'utf8')) as Plan)
  return simulate(options)
}

const options = readCommandLine(usage, optionsOf)
if (options !== null) process.exitCode = await main(options)
