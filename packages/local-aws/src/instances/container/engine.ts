import { mkdtemp, open, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Clock } from '../../clock.ts'
import { RealClock } from '../../real-clock.ts'
import type { Available, SetUp } from './available.ts'
import { ensureCommands, isRoot, systemdRuns } from './commands.ts'
import { tryDocker } from './docker.ts'

const ANSWER_LIMIT_MS = 60_000
const ASK_EVERY_MS = 250
const STOP_LIMIT_MS = 30_000

export type Engine = Readonly<{
  version: string
  /** Ends the engine if this run started it; leaves any other alone. Safe to repeat. */
  stopIfStarted: () => Promise<void>
}>

/**
 * A Docker engine that answers: the one there is, or, as root on Debian or Ubuntu, the distribution's, installed and
 * started. The client finds it as it always does (DOCKER_HOST, context).
 */
export async function ensureEngine(setUp: SetUp, clock: Clock = new RealClock()): Promise<Available<Engine>> {
  const version = await answeringVersion()
  if (version !== null) return { ok: true, value: { version, stopIfStarted: async () => {} } }
  const commands = await ensureCommands(['docker', 'dockerd', 'iptables'], setUp)
  if (!commands.ok) return commands
  if (!setUp.install) return { ok: false, why: 'No Docker engine answers, and starting one is not allowed.' }
  if (!isRoot()) return { ok: false, why: 'No Docker engine answers, and only root can start one.' }
  return (await systemdRuns()) ? startService(setUp, clock) : startDockerd(setUp, clock)
}

/**
 * Installs what the tests with an engine use beside it: an image registry, the builder of the instances' image, a static
 * program, a compose (1.29 on Debian 12), a checker of shell scripts, the client that instances without curl have, and
 * botocore, by whose models the local AWS's answers are judged.
 */
export async function ensureRegistryTools(setUp: SetUp): Promise<Available<void>> {
  const tools = [
    'docker-registry',
    'mmdebstrap',
    'iptables',
    'busybox',
    'docker-compose',
    'shellcheck',
    'wget',
    'botocore',
  ] as const
  return ensureCommands(tools, setUp)
}

async function startService(setUp: SetUp, clock: Clock): Promise<Available<Engine>> {
  setUp.say('Starting the Docker engine: systemctl start docker')
  await execa('systemctl', ['start', 'docker'], { reject: false, stdin: 'ignore', timeout: ANSWER_LIMIT_MS })
  const version = await waitForVersion(clock, () => false)
  // The package's installation started it as well: from here on it is the machine's own service.
  if (version !== null) return { ok: true, value: { version, stopIfStarted: async () => {} } }
  return { ok: false, why: 'The Docker engine does not answer; `journalctl -u docker` says why.' }
}

/** Where no systemd runs. */
async function startDockerd(setUp: SetUp, clock: Clock): Promise<Available<Engine>> {
  const directory = await mkdtemp(join(tmpdir(), 'switchover-dockerd-'))
  const logPath = join(directory, 'dockerd.log')
  setUp.say(`Starting the Docker engine; its log is ${logPath}`)
  const log = await open(logPath, 'a')
  // A session of its own: Ctrl-C is for us to handle, containers must not lose their engine to it.
  const child = spawn('dockerd', [], { detached: true, stdio: ['ignore', log.fd, log.fd] })
  const exited = once(child, 'exit').catch(() => {}) // 'error' (could not be started) ends it as well
  await log.close()
  child.unref()
  let ended = false
  void exited.then(() => (ended = true))
  const version = await waitForVersion(clock, () => ended)
  const stop = async (): Promise<void> => {
    if (ended) return
    child.kill('SIGTERM')
    const cancel = clock.after(STOP_LIMIT_MS, () => child.kill('SIGKILL'))
    await exited
    cancel()
    await rm(directory, { recursive: true, force: true })
  }
  if (version !== null) return { ok: true, value: { version, stopIfStarted: stop } }
  child.kill('SIGTERM')
  return { ok: false, why: `The Docker engine could not be started; ${logPath} says why.` }
}

async function waitForVersion(clock: Clock, gaveUp: () => boolean): Promise<string | null> {
  const end = clock.now() + ANSWER_LIMIT_MS
  while (clock.now() < end && !gaveUp()) {
    const version = await answeringVersion()
    if (version !== null) return version
    await new Promise<void>((resolve) => clock.after(ASK_EVERY_MS, resolve))
  }
  return null
}

async function answeringVersion(): Promise<string | null> {
  const { exitCode, stdout } = await tryDocker(['version', '--format', '{{.Server.Version}}'], 20_000)
  return exitCode === 0 && stdout !== '' ? stdout : null
}
