import { spawn } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureEngine, ensureRegistryTools } from '@switchover/local-aws/instances/container/engine'
import { ensureMachineImage } from '@switchover/local-aws/instances/container/image'
import { readOptions } from '../build/options.ts'

/**
 * `npm test`: the static checks, then every suite this machine can run. Suites that need a Docker engine are left out,
 * in one line that says why, only where none can be had. What runs on simulated time goes on beside what waits in real time.
 * Ends with a line for each test that failed, and one of counts.
 */
const root = fileURLToPath(new URL('..', import.meta.url))

const usage = `npm test [-- --no-install]

The static checks, then every suite this machine can run. A Docker engine, a registry and the instances' system are installed
where they are missing; with --no-install the suites that need them are left out instead. Ends with 1 where a test failed.
`

/** `broken`: the names of what failed. */
type Counts = { passed: number; failed: number; skipped: number; broken: string[] }

function run(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

type Beside = { code: number; text: string }

/**
 * What runs beside something that mostly waits, and gets what that leaves of the processor.
 * @param niceness 19 only for work on simulated time, of which no load changes what comes out
 * @returns its exit code, and all that it printed
 */
function runBeside(niceness: number, command: string, args: readonly string[]): Promise<Beside> {
  const running = new Promise<Beside>((resolve, reject) => {
    const child = spawn('nice', ['-n', String(niceness), command, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const printed: Buffer[] = []
    child.stdout.on('data', (part: Buffer) => printed.push(part))
    child.stderr.on('data', (part: Buffer) => printed.push(part))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, text: Buffer.concat(printed).toString() }))
  })
  // Told where it is waited for, not by ending the process where nobody waits yet.
  running.catch(() => undefined)
  return running
}

/** Whole worlds, of the same seeds every time. */
async function simulated(worlds: Promise<Beside>): Promise<Counts> {
  const { code, text } = await worlds
  say(`\nThe simulation of ${simulatedWorlds} worlds:\n${text}`)
  return code === 0
    ? { passed: 1, failed: 0, skipped: 0, broken: [] }
    : { passed: 0, failed: 1, skipped: 0, broken: ['the simulation: see its worlds above'] }
}

/** The command line of vitest on one project, and the file it writes its results to. */
function suite(project: string): { args: string[]; results: string } {
  const results = `.cache/results-${project}.json`
  const reporters = ['default', 'json', './packages/local-aws/test/conformance/support/summary.ts']
  const flags = [...reporters.map((name) => `--reporter=${name}`), `--outputFile.json=${results}`]
  return { args: ['run', '--project', project, ...flags], results: `${root}/${results}` }
}

type Results = {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  testResults: {
    name: string
    status: string
    message?: string
    assertionResults: { status: string; fullName: string; failureMessages?: string[] }[]
  }[]
}

/** A run that wrote no results counts as one failure. */
async function countsOf(code: number, results: string): Promise<Counts> {
  const json = await readFile(results, 'utf8').catch(() => null)
  if (json === null)
    return { passed: 0, failed: 1, skipped: 0, broken: [`nothing was written to ${results}`] }
  const result = JSON.parse(json) as Results
  const failed = code !== 0 && result.numFailedTests === 0 ? 1 : result.numFailedTests
  return { passed: result.numPassedTests, failed, skipped: result.numPendingTests, broken: brokenIn(result) }
}

const firstLine = (text: string | undefined): string => (text ?? '').split('\n', 1)[0] ?? ''

/** Each failed test with the first line of why; a file that failed outside its tests, as itself. */
function brokenIn({ testResults }: Results): string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name)
    const tests = assertionResults.filter((test) => test.status === 'failed')
    if (tests.length === 0) return status === 'failed' ? [`${file}: ${firstLine(message)}`] : []
    return tests.map((test) => `${file}: ${test.fullName}: ${firstLine(test.failureMessages?.[0])}`)
  })
}

async function runSuite(project: string): Promise<Counts> {
  const { args, results } = suite(project)
  await rm(results, { force: true })
  return countsOf(await run('vitest', args), results)
}

/** Decisions and whole commands, most on simulated time, beside processes that wait for one another in real time. */
async function unitBesideWire(): Promise<Counts[]> {
  const unit = suite('unit')
  await rm(unit.results, { force: true })
  const running = runBeside(10, 'vitest', unit.args)
  const wire = await runSuite('wire')
  const { code, text } = await running
  say(text)
  return [await countsOf(code, unit.results), wire]
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const simulatedWorlds = 1_000

/** The suites that need an engine; none of them where it cannot be had. */
async function withEngine(install: boolean): Promise<Counts[]> {
  const setUp = { install, say }
  const engine = await ensureEngine(setUp)
  if (!engine.ok) {
    say(`Left out: the suites engine and machine. ${engine.why}`)
    return []
  }
  try {
    const tools = await ensureRegistryTools(setUp)
    if (!tools.ok) {
      say(`Left out: the suites engine and machine. ${tools.why}`)
      return []
    }
    const counts = [await runSuite('engine')]
    const image = await ensureMachineImage(setUp)
    if (image.ok) counts.push(await runSuite('machine'))
    else say(`Left out: the suite machine. ${image.why}`)
    return counts
  } finally {
    await engine.value.stopIfStarted()
  }
}

async function main(): Promise<number> {
  const options = readOptions(usage, { install: { type: 'boolean', default: true } })
  if (options === null) return Number(process.exitCode ?? 0)
  const { install } = options
  if ((await run('npm', ['run', '--silent', 'check'])) !== 0) {
    say('The static checks failed; no test was run.\n0 passed, 1 failed')
    return 1
  }
  const counts = await unitBesideWire()
  const simulation = ['test/simulation/run.ts', '--worlds', String(simulatedWorlds), '--seed', '1']
  const worlds = runBeside(19, process.execPath, [...simulation, '--workers', '1'])
  counts.push(...(await withEngine(install)))
  counts.push(await simulated(worlds))
  const sum = (key: 'passed' | 'failed' | 'skipped'): number =>
    counts.reduce((total, count) => total + count[key], 0)
  for (const { broken } of counts) for (const line of broken) say(`failed: ${line}`)
  say(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
  return sum('failed') === 0 ? 0 : 1
}

process.exitCode = await main()
