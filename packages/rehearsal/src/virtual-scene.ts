import { ECRClient } from '@aws-sdk/client-ecr'
import { CleanUp } from '@switchover/local-aws/clean-up'
import { closeCloud, createCloud } from '@switchover/local-aws/create-cloud'
import { virtualMachines } from '@switchover/local-aws/instances/virtual'
import { DataPlane } from '@switchover/local-aws/load-balancer/data-plane'
import { networkProbe } from '@switchover/local-aws/load-balancer/network-probe'
import { RealClock } from '@switchover/local-aws/real-clock'
import { startServer } from '@switchover/local-aws/server'
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
        drainMs: 500,
        pollMs: 1_000,
      }),
    probe: networkProbe(clock),
    timing: brisk,
  })
  closing.add(() => closeCloud(cloud))
  const server = await startServer(cloud, { host: '127.0.0.1', port: 0 })
  closing.add(() => server.close())
  const dataPlane = new DataPlane(cloud, { host: '127.0.0.1', onRefused: say })
  closing.add(() => dataPlane.close())
  const env = accountEnv(server.url, cloud.region, coordinatorSession(cloud))
  const ecr = new ECRClient({ endpoint: server.url, region: cloud.region, credentials: keys })
  return {
    endpoint: server.url,
    region: cloud.region,
    env,
    refused,
    appPort: 8_080,
    agentPort: 8_090,
    pushImage: (version) => pushVirtualImage(ecr, service, version),
    userData: async () => '',
    logs: async () => '',
    close: () => closing.run(),
  }
}
