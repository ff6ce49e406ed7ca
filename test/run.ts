import { spawn } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { ensureEngine, ensureRegistryTools } from '@switchover/local-aws/instances/container/engine'
import { ensureMachineImage } from '@switchover/local-aws/instances/container/image'

/**
 * `npm test`: the static checks, then every suite this machine can run. Suites that need a Docker engine are left out,
 * in one line that says why, only where none can be had. The simulation goes on beside them. Ends with one line of counts.
 */
const root = fileURLToPath(new URL('..', import.meta.url))

type Counts = { passed: number; failed: number; skipped: number }

function run(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

/**
 * Whole worlds, of the same seeds every time. They run beside suites that mostly wait, and get what these leave of the
 * processor: their clock is simulated, so that no load changes what comes out.
 * @returns what came out, with all that was printed
 */
function simulateWorlds(worlds: number): Promise<{ counts: Counts; text: string }> {
  return new Promise((resolve, reject) => {
    const simulate = ['test/simulation/run.ts', '--worlds', String(worlds), '--seed', '1', '--workers', '1']
    const child = spawn('nice', ['-n', '19', process.execPath, ...simulate], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const printed: Buffer[] = []
    child.stdout.on('data', (part: Buffer) => printed.push(part))
    child.stderr.on('data', (part: Buffer) => printed.push(part))
    child.on('error', reject)
    child.on('close', (code) => {
      const counts = code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
      resolve({ counts, text: Buffer.concat(printed).toString() })
    })
  })
}

/** Runs vitest on some projects and reads its counts; a run that wrote no results counts as one failure. */
async function suites(projects: readonly string[]): Promise<Counts> {
  const output = `.cache/results-${projects.join('-')}.json`
  await rm(`${root}/${output}`, { force: true })
  const reporters = ['default', 'json', './packages/local-aws/test/conformance/support/summary.ts']
  const flags = [...reporters.map((name) => `--reporter=${name}`), `--outputFile.json=${output}`]
  const code = await run('vitest', ['run', ...projects.flatMap((name) => ['--project', name]), ...flags])
  const json = await readFile(`${root}/${output}`, 'utf8').catch(() => null)
  if (json === null) return { passed: 0, failed: 1, skipped: 0 }
  const result = JSON.parse(json) as {
    numPassedTests: number
    numFailedTests: number
    numPendingTests: number
  }
  const failed = code !== 0 && result.numFailedTests === 0 ? 1 : result.numFailedTests
  return { passed: result.numPassedTests, failed, skipped: result.numPendingTests }
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
    const counts = [await suites(['engine'])]
    const image = await ensureMachineImage(setUp)
    if (image.ok) counts.push(await suites(['machine']))
    else say(`Left out: the suite machine. ${image.why}`)
    return counts
  } finally {
    await engine.value.stopIfStarted()
  }
}

async function main(): Promise<number> {
  const install = !process.argv.includes('--no-install')
  if ((await run('npm', ['run', '--silent', 'check'])) !== 0) {
    say('The static checks failed; no test was run.\n0 passed, 1 failed')
    return 1
  }
  const counts = [await suites(['unit']), await suites(['wire'])]
  const worlds = simulateWorlds(simulatedWorlds)
  worlds.catch(() => undefined)
  counts.push(...(await withEngine(install)))
  say(`\nThe simulation of ${simulatedWorlds} worlds:`)
  const simulated = await worlds
  say(simulated.text)
  counts.push(simulated.counts)
  const sum = (key: keyof Counts): number => counts.reduce((total, count) => total + count[key], 0)
  say(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
  return sum('failed') === 0 ? 0 : 1
}

process.exitCode = await main()
