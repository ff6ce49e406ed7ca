import { execa } from 'execa'
import { CleanUp, undoAfter } from '@switchover/local-aws/clean-up'
import { closeCloud, createCloud } from '@switchover/local-aws/create-cloud'
import type { Cloud } from '@switchover/local-aws/cloud'
import { RegistryImages } from '@switchover/local-aws/ecr/registry-images'
import type { Available } from '@switchover/local-aws/instances/container/available'
import {
  containerMachines,
  type ContainerMachines,
} from '@switchover/local-aws/instances/container/container-machines'
import { ensureEngine } from '@switchover/local-aws/instances/container/engine'
import { ensureMachineImage } from '@switchover/local-aws/instances/container/image'
import type { MetadataSettings } from '@switchover/local-aws/instances/container/imds'
import type { RegistryFault } from '@switchover/local-aws/instances/container/registry-front'
import { ensureRegistry } from '@switchover/local-aws/instances/container/registry'
import { DataPlane } from '@switchover/local-aws/load-balancer/data-plane'
import { networkProbe } from '@switchover/local-aws/load-balancer/network-probe'
import { RealClock } from '@switchover/local-aws/real-clock'
import { startServer } from '@switchover/local-aws/server'
import { refusal } from '@switchover/local-aws/wire/dispatch'
import type { Intercept } from '@switchover/local-aws/wire/intercept'
import { AwsError } from '@switchover/local-aws/wire/operation'
import { accountEnv, place, service } from './account.ts'
import { agentUserData, buildAgent, canBuildAgent } from './agent-user-data.ts'
import { coordinatorSession, rolePolicies } from './roles.ts'
import { brisk } from './timing.ts'
import { buildSampleImage } from './sample-image.ts'
import { type App, type Breaks, HostLacks, type Scene, type SceneOptions } from './scene.ts'

/** A scene whose machines can be looked into, and have their plug pulled. */
export type ContainerScene = Scene & {
  machines: Pick<ContainerMachines, 'exec' | 'journal' | 'crash'>
  /** What fails now; nothing at first. */
  faults: SceneFaults
  /** What AWS does of its own accord: notices to Spot instances, instances in a warm pool. */
  cloud: { ec2: Pick<Cloud['ec2'], 'spot'>; autoScaling: Pick<Cloud['autoScaling'], 'launchWarm'> }
}

export type SceneFaults = {
  /** Connections to AWS break, it slows everybody down, or it fails; the instances' metadata is another service. */
  aws: 'away' | 'throttling' | 'failing' | null
  metadata: Partial<MetadataSettings>
  registry: RegistryFault | null
}

export type ContainerSceneOptions = SceneOptions & {
  /** More of Debian's packages in the instances' system. */
  packages?: readonly string[]
}

/** Instances as containers: an engine, a registry, the machines' image, their network, and the local AWS around them. */
export async function openContainerScene(options: ContainerSceneOptions): Promise<ContainerScene> {
  const closing = new CleanUp()
  try {
    return await open(options, closing)
  } catch (error) {
    return undoAfter(error, () => closing.run())
  }
}

async function open(
  { say, install, signal, packages, agent }: ContainerSceneOptions,
  closing: CleanUp,
): Promise<ContainerScene> {
  if (agent === undefined && !canBuildAgent)
    throw new HostLacks(
      'Container instances need an agent, and there is no source here to build it from: give --agent FILE, a tarball of the release. Or try --virtual.',
    )
  const setUp = { say, install }
  const engine = must(await ensureEngine(setUp))
  closing.add(() => engine.stopIfStarted())
  const registry = must(await ensureRegistry(setUp))
  closing.add(() => registry.close())
  const image = must(await ensureMachineImage(setUp, packages))
  signal.throwIfAborted()

  const faults: SceneFaults = { aws: null, metadata: {}, registry: null }
  const machines = await containerMachines({
    image,
    registryUrl: registry.url,
    say,
    metadataSettings: () => faults.metadata,
    registryFault: () => faults.registry,
  })
  closing.add(() => machines.close())
  const refused: string[] = []
  const cloud = account(machines, registry.url, refused)
  closing.add(() => closeCloud(cloud))
  const between = standBetween(faults)
  const server = await startServer(cloud, {
    host: ['127.0.0.1', machines.gateway],
    port: 0,
    intercept: between.intercept,
  })
  closing.add(() => server.close())
  const dataPlane = new DataPlane(cloud, { host: '127.0.0.1', onRefused: say })
  closing.add(() => dataPlane.close())

  const env = accountEnv(server.url, cloud.region, coordinatorSession(cloud))
  return {
    kind: 'container',
    machines,
    faults,
    breaks: {
      intercept: between.take,
      loseImages: () => void (faults.registry = noSuchImage),
      ec2: cloud.ec2,
    },
    cloud,
    endpoint: server.url,
    region: cloud.region,
    env,
    refused,
    appPort: 8_080,
    agentPort: 8_090,
    pushImage: (version, app = 'serves') => pushImage(registry.host, image, version, app),
    userData: async (store) =>
      agentUserData({
        tarball: agent ?? (await buildAgent(signal)),
        store,
        env,
        signal,
        instanceEnv: {
          AWS_ENDPOINT_URL: `http://${machines.gateway}:${server.port}`,
          AWS_REGION: cloud.region,
        },
      }),
    logs: (instanceId) => machines.journal(instanceId, { unit: 'switchover-agent' }).catch(() => ''),
    close: () => closing.run(),
  }
}

/** @param refused gets what the shipped policies refuse */
function account(machines: ContainerMachines, registryUrl: string, refused: string[]): Cloud {
  const clock = new RealClock()
  return createCloud({
    ...place,
    policies: rolePolicies(),
    onRefused: (sentence) => refused.push(sentence),
    clock,
    random: Math.random,
    machines: (cloud) => machines.connect(cloud),
    probe: networkProbe(clock),
    images: new RegistryImages(registryUrl),
    timing: brisk,
  })
}

async function pushImage(registry: string, machineImage: string, version: string, app: App): Promise<void> {
  const reference = `${registry}/${service}:${version}`
  await buildSampleImage({ reference, version, app }, machineImage)
  await execa('docker', ['push', '--quiet', reference], { stdin: 'ignore' })
  await execa('docker', ['rmi', reference], { stdin: 'ignore' })
}

/** Lets through to AWS what neither a fault nor somebody's hand keeps. */
function standBetween(faults: SceneFaults): { intercept: Intercept; take: Breaks['intercept'] } {
  let hand: Intercept | null = null
  return {
    take: (next) => {
      hand = next
    },
    intercept: async (call, proceed, request) => {
      if (hand !== null) return hand(call, proceed, request)
      if (faults.aws === null) return proceed()
      return faults.aws === 'away' ? null : refusal(request, awsErrors[faults.aws])
    },
  }
}

/** As a registry answers for an image that was deleted. */
const noSuchImage: RegistryFault = {
  kind: 'refuse',
  status: 404,
  code: 'MANIFEST_UNKNOWN',
  message: 'manifest unknown',
}

const awsErrors = {
  throttling: new AwsError('Throttling', 'Rate exceeded', 400),
  failing: new AwsError('InternalFailure', 'An internal error occurred.', 500),
} as const

function must<T>(part: Available<T>): T {
  if (!part.ok)
    throw new HostLacks(`This machine cannot run the rehearsal with containers: ${part.why} Try --virtual.`)
  return part.value
}
