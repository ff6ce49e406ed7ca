import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { digestTagKey, tagKey } from '@switchover/contract/tags'
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr'
import { freePort } from '@switchover/local-aws/listening'
import * as account from './account.ts'
import type { Narrator } from './narrator.ts'
import { dress } from './like/dress.ts'
import { type Likeness, stepLimitMs } from './like/likeness.ts'
import type { App, Scene } from './scene.ts'
import { switchover } from './switchover-cli.ts'

/** A service that runs v1 on the first group, behind a load balancer at `url`. */
export type Stage = {
  clients: account.Clients
  targetGroupArn: string
  url: string
  env: Readonly<Record<string, string>>
}

export const deregistrationDelayS = 5
export const healthIntervalS = 5

const exampleDirectory = dirname(
  fileURLToPath(import.meta.resolve('@switchover/bootstrap/example/web/compose.yaml')),
)

type PrepareOptions = {
  instances: number
  signal: AbortSignal
  /** What the app of v2 does: serve, unless given. */
  v2?: App
  /** The service this one is to be like. */
  like?: Likeness | undefined
}

/** Sets the stage: v1 serves from the first group. */
export async function prepare(scene: Scene, narrator: Narrator, options: PrepareOptions): Promise<Stage> {
  const { signal, instances } = options
  const { revision, ...stage } = await prepareEmpty(scene, narrator, options)
  const { clients, targetGroupArn } = stage
  const [blue] = account.groupNames
  narrator.heading(`Bringing up ${blue} with ${instances} instances on v1`)
  const tags = {
    [tagKey.version]: 'v1',
    [digestTagKey('')]: await digestOf(scene, 'v1'),
    [tagKey.bundle]: revision,
  }
  const { like } = options
  await account.bringUp(clients, blue, tags, instances, like?.min)
  const wanted = { blue, targetGroupArn, instances, limitMs: stepLimitMs(like), signal }
  await untilHealthy(clients, scene, wanted)
  if (like !== undefined)
    await dress({ clients, endpoint: scene.endpoint, region: scene.region, group: blue }, like)
  narrator.say(`${blue}: ${instances} instances in service and healthy`)
  return stage
}

/** A service with its images, its bundle and both groups, of which neither has an instance or a version yet. */
export async function prepareEmpty(
  scene: Scene,
  narrator: Narrator,
  options: PrepareOptions,
): Promise<Stage & { revision: string }> {
  const { signal, instances, like } = options
  const { env } = scene
  const clients = account.createClients(scene.endpoint, scene.region)
  narrator.heading('Preparing: a sample service, its images and its account')
  for (const version of ['v1', 'v2']) {
    narrator.say(`build and push ${account.service}:${version}`)
    await scene.pushImage(version, version === 'v2' ? options.v2 : undefined)
  }
  await account.createStore(clients)
  const listenerPort = await freePort()
  const { targetGroupArn } = await account.createService(clients, {
    userData: await scene.userData(account.store),
    listenerPort,
    appPort: scene.appPort,
    agentPort: scene.agentPort,
    healthIntervalS: like?.checks.intervalS ?? healthIntervalS,
    deregistrationDelayS: like?.checks.drainS ?? deregistrationDelayS,
    maxSize: like?.max ?? Math.max(4, instances * 2),
    like,
  })
  narrator.say(`groups ${account.groupNames.join(' and ')} behind one load balancer on port ${listenerPort}`)

  const published = await switchover(['publish', account.service, exampleDirectory], { env, signal })
  if (published.exitCode !== 0) throw new Error(`publish failed: ${published.stderr}`)
  const revision = published.stdout.trim()
  narrator.say(`switchover publish ${account.service}: bundle ${revision}`)
  return { clients, targetGroupArn, url: `http://127.0.0.1:${listenerPort}/`, env, revision }
}

async function untilHealthy(
  clients: account.Clients,
  scene: Scene,
  wanted: { blue: string; targetGroupArn: string; instances: number; limitMs: number; signal: AbortSignal },
): Promise<void> {
  const deadline = performance.now() + wanted.limitMs
  for (;;) {
    wanted.signal.throwIfAborted()
    const healthy = await account.healthyTargets(clients, wanted.targetGroupArn)
    const { instances } = await account.groupState(clients, wanted.blue)
    const inService = Object.values(instances).filter((lifecycle) => lifecycle === 'InService')
    if (healthy.length >= wanted.instances && inService.length >= wanted.instances) return
    if (performance.now() > deadline) {
      const logs = await Promise.all(Object.keys(instances).map((id) => scene.logs(id)))
      throw new Error(
        `${wanted.blue} was not healthy in ${Math.round(wanted.limitMs / 60_000)} minutes.\n${logs.join('\n')}`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

/** The digest the registry answers for a version of the sample service. */
export async function digestOf(scene: Scene, version: string): Promise<string> {
  const ecr = new ECRClient({
    endpoint: scene.endpoint,
    region: scene.region,
    credentials: account.keys,
  })
  const answer = await ecr.send(
    new DescribeImagesCommand({ repositoryName: account.service, imageIds: [{ imageTag: version }] }),
  )
  const digest = answer.imageDetails?.[0]?.imageDigest
  if (digest === undefined) throw new Error(`The registry does not know ${account.service}:${version}.`)
  return digest
}
