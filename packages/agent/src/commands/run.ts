import { readFile } from 'node:fs/promises'
import { Agent } from '../agent.ts'
import { systemClock } from '../clock.ts'
import { dockerEnv, type Config } from '../config.ts'
import type { Verdicts } from '../endpoint/answer.ts'
import { startEndpoint, type Endpoint } from '../endpoint/server.ts'
import { roomOf } from '../disk.ts'
import { dockerCompose } from '../engine/compose.ts'
import { dockerEngine } from '../engine/engine.ts'
import { errorText } from '../failure.ts'
import type { Imds } from '../imds.ts'
import type { Log } from '../log.ts'
import { countedImds } from '../metrics/counted-imds.ts'
import { Counters } from '../metrics/counters.ts'
import { exposition } from '../metrics/exposition.ts'
import { families } from '../metrics/families.ts'
import type { Parts } from '../parts.ts'
import { systemd } from '../systemd.ts'
import { version as agentVersion } from '@switchover/contract/version'

/** The loop turns at least every ten seconds, and no look takes longer than a minute at the engine and half of one at the app. */
const aliveMs = 120_000
/** Less than load balancers wait (5 s by default); an agent that cannot verify what it said must say that. */
const holdMs = 3_000
const holdPollMs = 20

/**
 * Runs the agent until `stop` aborts. The endpoint answers before anything is known, and says so; only a restarted
 * agent leaves requests in the service manager's socket until it has verified again what it said before.
 */
export async function run(options: {
  config: Config
  imds: Imds
  log: Log
  stop: AbortSignal
}): Promise<void> {
  const { config, log, stop } = options
  const clock = systemClock
  const counters = new Counters()
  const agent = await Agent.create(await realParts({ ...options, counters }))
  const verdicts: Verdicts = {
    status: agent.status,
    alive: () => agent.idleMs < aliveMs,
    settled: () => agent.settled,
    metrics: () => {
      const { status, idleMs, containers } = agent
      return exposition(families({ status, counters, idleMs, containers, now: clock.now() }))
    },
    counters,
    clock,
  }
  const where = config.socketFd === null ? { port: config.port } : { fd: config.socketFd }
  const endpoints: Endpoint[] = []
  const over = new AbortController()

  async function listen(): Promise<void> {
    if (config.socketFd !== null) {
      const until = clock.now() + holdMs
      while (!agent.settled && clock.now() < until && !over.signal.aborted)
        await clock.sleep(holdPollMs, over.signal)
      if (over.signal.aborted) return
    }
    const first = await startEndpoint(verdicts, where)
    endpoints.push(first)
    log.info(`switchover-agent ${agentVersion} listens on port ${first.port}.`)
    const followPort = () => {
      const { port } = agent
      if (port !== null && endpoints.length === 1 && port !== first.port) void listenToo(port)
    }
    agent.status.onChange(followPort)
    followPort()
  }

  async function listenToo(port: number): Promise<void> {
    try {
      endpoints.push(await startEndpoint(verdicts, { port }))
      log.warn(
        `The compose file asks for port ${port}; set it in switchover-agent.socket to keep it over restarts.`,
      )
    } catch (error) {
      log.error(`Port ${port} of the compose file cannot be listened on: ${errorText(error)}`)
    }
  }

  try {
    const running = agent.run(stop).finally(() => over.abort())
    await Promise.all([running, listen()])
  } finally {
    await Promise.all(endpoints.map((endpoint) => endpoint.close()))
  }
}

async function realParts(options: {
  config: Config
  imds: Imds
  log: Log
  counters: Counters
}): Promise<Parts> {
  const { config, imds, log, counters } = options
  const clock = systemClock
  const compose = dockerCompose({ env: dockerEnv(config), log, clock })
  // A program that takes its time to start: asked while the instance learns who it is, and again where it failed.
  compose.find().catch(() => undefined)
  return {
    clock,
    random: Math.random,
    log,
    counters,
    imds: countedImds(imds, counters),
    cloud: async (region) => {
      // The SDK is most of what has to be loaded, and nothing is asked of it before the instance knows itself.
      const { awsCloud } = await import('../aws/cloud.ts')
      return awsCloud({ config, region, clock, counters })
    },
    engine: dockerEngine({ socketPath: config.dockerSocket, clock }),
    room: roomOf,
    compose,
    systemd: systemd({
      notifySocket: config.notifySocket,
      watchdogMs: config.watchdogMs,
      path: config.path,
      log,
    }),
    stateDirectory: config.stateDirectory,
    bootId: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim(),
  }
}
