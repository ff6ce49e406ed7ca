import { CleanUp } from '@switchover/local-aws/clean-up'
import type { Cloud } from '@switchover/local-aws/cloud'
import { closeCloud, createCloud } from '@switchover/local-aws/create-cloud'
import { virtualMachines, type VirtualOptions } from '@switchover/local-aws/instances/virtual'
import type { Check, CheckResult } from '@switchover/local-aws/load-balancer/probe'
import { RealClock } from '@switchover/local-aws/real-clock'
import { startServer } from '@switchover/local-aws/server'
import { accountEnv } from '@switchover/rehearsal/account'
import { bringUpService } from '../support/virtual-service.ts'
import { CallCounter } from './calls.ts'

/** Seconds. */
export const healthIntervalS = 10
export const deregistrationDelayS = 10

/** From the launch to the app's first good answer: 30 s. Milliseconds. */
const usualBoot = { launchMs: 8_000, bootMs: 12_000, pullMs: 6_000, appMs: 4_000 } as const
export const bootMs = usualBoot.launchMs + usualBoot.bootMs + usualBoot.pullMs + usualBoot.appMs

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
  const env = accountEnv(server.url, cloud.region)
  const targetGroupArn = await bringUpService(cloud, server.url, {
    instances,
    maxSize: instances * 2,
    versions: plan.versions,
    healthIntervalS: plan.healthIntervalS,
    deregistrationDelayS,
  })
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
