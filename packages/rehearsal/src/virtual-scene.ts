import { ECRClient } from '@aws-sdk/client-ecr'
import { CleanUp } from '@switchover/local-aws/clean-up'
import { closeCloud, createCloud } from '@switchover/local-aws/create-cloud'
import type { Manifest } from '@switchover/local-aws/ecr/images'
import { MemoryImages } from '@switchover/local-aws/ecr/memory-images'
import { virtualMachines } from '@switchover/local-aws/instances/virtual'
import { DataPlane } from '@switchover/local-aws/load-balancer/data-plane'
import { networkProbe } from '@switchover/local-aws/load-balancer/network-probe'
import { RealClock } from '@switchover/local-aws/real-clock'
import { startServer } from '@switchover/local-aws/server'
import type { Intercept } from '@switchover/local-aws/wire/intercept'
import { accountEnv, keys, place, service } from './account.ts'
import { coordinatorSession, rolePolicies } from './roles.ts'
import type { Scene, SceneOptions } from './scene.ts'
import { brisk } from './timing.ts'
import { pushVirtualImage } from './virtual-image.ts'

/** Instances as timed models that really listen on loopback addresses of their own: no Docker, no root, seconds. */
export async function openVirtualScene({ say }: SceneOptions): Promise<Scene> {
  const closing = new CleanUp()
  const clock = new RealClock()
  const refused: string[] = []
  const versions: Record<string, { neverHealthy: boolean }> = {}
  const images = new LosableImages()
  let hand: Intercept | null = null
  const cloud = createCloud({
    ...place,
    policies: rolePolicies(),
    onRefused: (sentence) => refused.push(sentence),
    clock,
    random: Math.random,
    machines: (account) =>
      virtualMachines(account, {
        listen: true,
        launchMs: 500,
        bootMs: 1_500,
        pullMs: 500,
        appMs: 500,
        // As the example's bundle has it: a proxy needs the time to see that an instance is not ready.
        drainMs: 2_000,
        checksMs: 10_000,
        pollMs: 1_000,
        versions,
      }),
    images,
    probe: networkProbe(clock),
    timing: brisk,
  })
  closing.add(() => closeCloud(cloud))
  const server = await startServer(cloud, {
    host: '127.0.0.1',
    port: 0,
    intercept: (call, proceed, request) => (hand === null ? proceed() : hand(call, proceed, request)),
  })
  closing.add(() => server.close())
  const dataPlane = new DataPlane(cloud, { host: '127.0.0.1', onRefused: say })
  closing.add(() => dataPlane.close())
  const env = accountEnv(server.url, cloud.region, coordinatorSession(cloud))
  const ecr = new ECRClient({ endpoint: server.url, region: cloud.region, credentials: keys })
  return {
    kind: 'virtual',
    breaks: {
      intercept: (next) => {
        hand = next
      },
      loseImages: () => {
        images.lost = true
      },
      ec2: cloud.ec2,
    },
    endpoint: server.url,
    region: cloud.region,
    env,
    refused,
    appPort: 8_080,
    agentPort: 8_090,
    pushImage: (version, app = 'serves') => {
      versions[version] = { neverHealthy: app === 'never healthy' }
      return pushVirtualImage(ecr, service, version)
    },
    userData: async () => '',
    logs: async () => '',
    close: () => closing.run(),
  }
}

/** A registry from which everything may be deleted. */
class LosableImages extends MemoryImages {
  lost = false

  override async manifest(repository: string, reference: string): Promise<Manifest | null> {
    return this.lost ? null : super.manifest(repository, reference)
  }
}
