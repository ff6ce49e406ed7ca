import { ECRClient } from '@aws-sdk/client-ecr'
import { digestTagKey, tagKey } from '@switchover/contract/tags'
import { CleanUp } from '@switchover/local-aws/clean-up'
import type { Cloud } from '@switchover/local-aws/cloud'
import { closeCloud, createCloud } from '@switchover/local-aws/create-cloud'
import { virtualMachines, type VirtualOptions } from '@switchover/local-aws/instances/virtual'
import type { Check, CheckResult } from '@switchover/local-aws/load-balancer/probe'
import { RealClock } from '@switchover/local-aws/real-clock'
import { startServer } from '@switchover/local-aws/server'
import * as account from '@switchover/rehearsal/account'
import { pushVirtualImage } from '@switchover/rehearsal/virtual-image'
import { until } from '../support/until.ts'
import { CallCounter } from './calls.ts'

/** What `--image` takes: the service has no bundle. */
export const repository = '123456789012.dkr.ecr.us-east-1.amazonaws.com/web'

/** Seconds. */
export const healthIntervalS = 10
export const deregistrationDelayS = 10

/** From the launch to the app's first good answer: 30 s. Milliseconds. */
const usualBoot = { launchMs: 8_000, bootMs: 12_000, pullMs: 6_000, appMs: 4_000 } as const
export const bootMs = usualBoot.launchMs + usualBoot.bootMs + usualBoot.pullMs + usualBoot.appMs

const bringUpLimitMs = 5 * 60_000

type Plan = Readonly<{
  /** Milliseconds, and what sets a version apart. */
  boot: Partial<VirtualOptions>
  /** Seconds. */
  healthIntervalS: number
  /** Versions in the registry. */
  versions: readonly string[]
  /** Whether health checks of this address fail though the machine is well. */
  isSick: (ip: string) => boolean
}>

const usual: Plan = { boot: usualBoot, healthIntervalS, versions: ['v1', 'v2'], isSick: () => false }

/** An account with a service `web` whose v1 serves from web-blue; AWS takes its usual time for everything. */
export type Account = AsyncDisposable & {
  cloud: Cloud
  targetGroupArn: string
  counter: CallCounter
  /** Environment of a coordinator that talks to it. */
  env: Record<string, string>
}

export async function openAccount(instances: number, change: Partial<Plan> = {}): Promise<Account> {
  const plan = { ...usual, ...change }
  const closing = new CleanUp()
  const cloud = createCloud({
    clock: new RealClock(),
    random: Math.random,
    machines: (cloud) => virtualMachines(cloud, plan.boot),
    probe: async (check) => (plan.isSick(check.ip) ? failedCheck : answer(cloud, check)),
  })
  // Both fleets are registered at the same time, and the largest has more targets than the quota AWS begins with.
  cloud.loadBalancing.quotas.set('targets-per-application-load-balancer', 2 * instances + 1_000)
  closing.add(() => closeCloud(cloud))
  const counter = new CallCounter()
  const server = await startServer(cloud, {
    host: '127.0.0.1',
    port: 0,
    intercept: counter.intercept,
    onBug: (error) => console.error(error),
  })
  closing.add(() => server.close())
  const env = account.accountEnv(server.url, cloud.region)
  const targetGroupArn = await bringUp(cloud, server.url, instances, plan)
  return { cloud, targetGroupArn, counter, env, [Symbol.asyncDispose]: () => closing.run() }
}

const failedCheck: CheckResult = {
  ok: false,
  reason: 'Target.FailedHealthChecks',
  description: 'Health checks failed',
}

/** What the modelled machine says; they all answer without a network. */
function answer({ machines }: Cloud, check: Check): Promise<CheckResult> {
  if (!machines.probe) throw new TypeError('Virtual machines answer their own health checks.')
  return machines.probe(check)
}

async function bringUp(
  cloud: Cloud,
  endpoint: string,
  instances: number,
  { versions, healthIntervalS }: Plan,
): Promise<string> {
  const clients = account.createClients(endpoint, cloud.region)
  const ecr = new ECRClient({ endpoint, region: cloud.region, credentials: account.keys })
  for (const version of versions) await pushVirtualImage(ecr, account.service, version)
  await account.createStore(clients)
  const { targetGroupArn } = await account.createService(clients, {
    userData: '',
    listenerPort: 80,
    appPort: 8_080,
    agentPort: 8_090,
    healthIntervalS,
    deregistrationDelayS,
    maxSize: instances * 2,
  })
  const image = await cloud.images.manifest(account.service, 'v1')
  const [blue] = account.groupNames
  const tags = { [tagKey.version]: 'v1', [digestTagKey('')]: image?.digest ?? '' }
  await account.bringUp(clients, blue, tags, instances)
  const targets = cloud.loadBalancing.targetGroup(targetGroupArn).targets
  const healthy = () => [...targets.values()].filter(({ state }) => state === 'healthy').length === instances
  await until(healthy, bringUpLimitMs, `${blue} is healthy on v1`)
  return targetGroupArn
}
