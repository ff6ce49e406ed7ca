#!/usr/bin/env node
import { randomUUID } from 'node:crypto'
import { enableCompileCache } from 'node:module'
import { hostname, userInfo } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { Interrupt } from './cli/interrupt.ts'
import { passedOn } from './cli/passed-on.ts'

const argv = process.argv.slice(2)
const interrupt = new Interrupt()

// Before the rest is loaded: who presses Ctrl-C at once is answered as at any later moment. Commands of other packages see
// to signals themselves, and a completion is simply given up.
if (argv[0] !== 'complete' && !Object.hasOwn(passedOn, argv[0] ?? ''))
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)

// Left alone, V8 lets garbage pile up to three times of what is in use; not to costs a tenth more of processor time. Its last
// compiler takes 12 MB at 400 instances and saves no time. The one before it works in threads whose memory stays with the
// allocator, and is left what runs really often.
const v8Flags = [
  '--semi-space-growth-factor=1',
  '--heap-growing-percent=15',
  '--no-turbofan',
  '--invocation-count-for-maglev=20000',
]
for (const flag of v8Flags) setFlagsFromString(flag)

// Most of a short command's time is the compiling of the SDK's clients: Node keeps the result between runs, for what is
// loaded from here on.
enableCompileCache()
const [{ createClients }, { run }, { systemClock }, { readConfig }] = await Promise.all([
  import('./aws/clients.ts'),
  import('./cli/program.ts'),
  import('./clock.ts'),
  import('./config.ts'),
])

/** The first signal asks the command to stop in good order, the one after that ends the process at once. */
function onSignal(signal: NodeJS.Signals): void {
  if (signal === 'SIGINT' && interrupt.onCtrlC?.() === true) return
  if (!interrupt.signal.aborted) return interrupt.stop()
  process.stderr.write(interrupt.lastWords)
  process.exit(130)
}

/** A uid without a name, as containers have, is no reason to fail. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}

// Whoever reads our output may leave before we are done (`| head`); the work goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

const exitCode = await run(
  {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    config: readConfig(),
    clock: systemClock,
    random: Math.random,
    owner: `${userName()}@${hostname()} ${process.pid} ${randomUUID()}`,
    directory: process.cwd(),
    connect: createClients,
    interrupt,
  },
  argv,
)
// Connections kept alive, or a call that was left behind, must not keep a finished command running.
process.exit(exitCode)
