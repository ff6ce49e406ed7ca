import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { canonicalTar, revisionOf } from '@switchover/coordinator/publish/canonical-tar'
import { storeKeys } from '@switchover/contract/store'
import { digestTagKey, tagKey } from '@switchover/contract/tags'
import { CleanUp, undoAfter } from '@switchover/local-aws/clean-up'
import type { Cloud } from '@switchover/local-aws/cloud'
import { closeCloud, createCloud } from '@switchover/local-aws/create-cloud'
import { freePort } from '@switchover/local-aws/listening'
import { startImds } from '@switchover/local-aws/instances/container/imds'
import type { Metadata } from '@switchover/local-aws/instances/container/metadata'
import type { MachineKind, MachineSpec } from '@switchover/local-aws/instances/kind'
import { RealClock } from '@switchover/local-aws/real-clock'
import { startServer } from '@switchover/local-aws/server'
import * as account from '@switchover/rehearsal/account'
import { engineImage, startEngine } from './scripted-engine.ts'
import { until } from './until.ts'

const host = '127.0.0.1'

/**
 * One instance of a group whose agent is a process on this host: its metadata service, its AWS, its store and its app
 * answer over real sockets, its engine from a script. What the agent's memory and its start are measured on.
 */
export type AgentMachine = AsyncDisposable & {
  port: number
  /**
   * Starts an agent.
   * @param state its state directory, which is the machine's only where none is named
   */
  start(command: readonly string[], state?: string): ChildProcess
  /** Resolves with the moment of `performance.now()` at which the metadata service is asked for the first time from now on. */
  asked(): Promise<number>
  /** Resolves when `/readyz` answers 200. */
  ready(): Promise<void>
}

/** @param interval between two looks at the app's health, `2s` */
export async function openAgentMachine(interval: string): Promise<AgentMachine> {
  const closing = new CleanUp()
  try {
    return await open(closing, interval)
  } catch (error) {
    return undoAfter(error, () => closing.run())
  }
}

async function open(closing: CleanUp, interval: string): Promise<AgentMachine> {
  const directory = await mkdtemp(join(tmpdir(), 'switchover-machine-'))
  closing.add(() => rm(directory, { recursive: true, force: true }))
  const engine = await startEngine(directory)
  closing.add(engine.close)
  const appPort = await startApp(closing)
  const port = await freePort()
  const { cloud, url, spec } = await startAccount(closing, composeFile(appPort, port, interval))
  const requests = new EventEmitter()
  const imds = await startImds({
    host,
    clock: cloud.clock,
    view: () => ({
      httpTokens: 'required',
      httpEndpoint: 'enabled',
      tokenReachesCaller: true,
      fault: null,
      metadata: metadataOf(cloud, spec),
    }),
    onRequest: () => void requests.emit('request'),
  })
  closing.add(imds.close)
  const agentEnv = {
    PATH: `${directory}:/usr/bin:/bin`,
    SWITCHOVER_PORT: String(port),
    DOCKER_HOST: `unix://${engine.socketPath}`,
    AWS_ENDPOINT_URL: url,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://${host}:${imds.port}`,
  }
  return {
    port,
    start: (command, state = 'state') => {
      const [program = '', ...args] = command
      const child = spawn(program, [...args, 'run'], {
        env: { ...agentEnv, STATE_DIRECTORY: join(directory, state) },
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      })
      closing.add(async () => {
        if (child.exitCode !== null || child.signalCode !== null) return
        child.kill('SIGTERM')
        await once(child, 'exit')
      })
      return child
    },
    asked: async () => {
      await once(requests, 'request')
      return performance.now()
    },
    ready: () => until(() => answers(port), 180_000, 'the agent is ready'),
    [Symbol.asyncDispose]: () => closing.run(),
  }
}

async function answers(port: number): Promise<boolean> {
  const answer = await fetch(`http://${host}:${port}/readyz`).catch(() => null)
  await answer?.body?.cancel()
  return answer?.status === 200
}

function composeFile(appPort: number, port: number, interval: string): string {
  const health = `{ url: "http://${host}:${appPort}/", interval: ${interval} }`
  return `services: { web: { image: "${engineImage.repository}:live" } }\nx-switchover: { health: ${health}, port: ${port} }\n`
}

async function startApp(closing: CleanUp): Promise<number> {
  const app = createServer((_, response) => response.end('ok'))
  await new Promise<void>((resolve) => app.listen({ host, port: 0 }, resolve))
  closing.add(async () => {
    app.closeAllConnections()
    await new Promise((resolve) => app.close(resolve))
  })
  return (app.address() as AddressInfo).port
}

/** An account whose one instance is this host: the launch only says which. */
async function startAccount(closing: CleanUp, compose: string) {
  const launched = Promise.withResolvers<MachineSpec>()
  const machines: MachineKind = {
    name: 'virtual',
    nextIp: () => host,
    probe: () => Promise.resolve({ ok: true }),
    start: (spec, events) => {
      events.running()
      launched.resolve(spec)
      return { terminate: () => Promise.resolve(), reboot: () => Promise.resolve() }
    },
    close: () => Promise.resolve(),
  }
  const timing = { reactMs: 10, stateMs: 0, registrationMs: 10, tagLagMs: 10 }
  const cloud = createCloud({ clock: new RealClock(), random: Math.random, machines: () => machines, timing })
  closing.add(() => closeCloud(cloud))
  const server = await startServer(cloud, { host, port: 0, onBug: (error) => console.error(error) })
  closing.add(() => server.close())
  const clients = account.createClients(server.url, cloud.region)
  await account.createStore(clients)
  const plan = { userData: '', listenerPort: 80, appPort: 80, agentPort: 8_090, healthIntervalS: 10 }
  await account.createService(clients, { ...plan, deregistrationDelayS: 1, maxSize: 1 })
  const bundle = await publish(clients, compose)
  const [blue] = account.groupNames
  const tags = { version: 'v1', bundle, digest: engineImage.digest }
  await account.bringUp(
    clients,
    blue,
    { [tagKey.version]: tags.version, [tagKey.bundle]: tags.bundle, [digestTagKey('')]: tags.digest },
    1,
  )
  return { cloud, url: server.url, spec: await launched.promise }
}

function metadataOf(cloud: Cloud, spec: MachineSpec): Metadata {
  const { account, region } = cloud
  const now = cloud.clock.now()
  return {
    ...spec,
    account,
    region,
    architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
    targetLifecycleState: cloud.autoScaling.targetLifecycleState(spec.instanceId),
    tags: null,
    spot: { interruption: null, rebalanceAt: null },
    credentials: {
      accessKeyId: 'ASIAEXAMPLE',
      secretAccessKey: 'example',
      token: 'example',
      updated: now,
      expiration: now + 6 * 3_600_000,
    },
  }
}

async function publish({ s3 }: account.Clients, compose: string): Promise<string> {
  const content = Buffer.from(compose)
  const tar = await canonicalTar([{ kind: 'file', path: 'compose.yaml', content, executable: false }])
  const { revision, sha256 } = revisionOf(tar)
  const keys = storeKeys('store', account.service)
  const put = (Key: string, Body: string | Buffer) =>
    s3.send(new PutObjectCommand({ Bucket: account.bucket, Key, Body }))
  await put(keys.bundleChecksum(revision), `${sha256}\n`)
  await put(keys.bundle(revision), gzipSync(tar))
  return revision
}
