import { PutLifecycleHookCommand, SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling'
import { CreateRepositoryCommand } from '@aws-sdk/client-ecr'
import { digestTagKey, tagKey } from '@switchover/contract/tags'
import type { Cloud } from '@switchover/local-aws/cloud'
import { virtualMachines, type VirtualOptions } from '@switchover/local-aws/instances/virtual'
import { bucket, createAccount, type Account } from '../../packages/coordinator/test/support/account.ts'
import { createGroup, createTemplate } from '../../packages/coordinator/test/support/groups.ts'
import {
  createSources,
  healthyBehind,
  type Sources,
} from '../../packages/coordinator/test/support/load-balancers.ts'
import { ownScaling, putWatchedAlarm, trackCpu } from '../../packages/coordinator/test/support/scaling.ts'
import {
  composeText,
  publishCompose,
  pushImage,
} from '../../packages/coordinator/test/support/web-service.ts'
import { groupNames, type GroupName, type Plan, type ServicePlan } from './plan.ts'

export const repository = '123456789012.dkr.ecr.us-east-1.amazonaws.com/web'

/** Of the store. */
const prefix = 'p'

/** What a deployment may be told to watch. */
export const watchedAlarm = 'errors'

/** How long after its launch a service has to be up. Milliseconds. */
const upWithinMs = 1_800_000

export type Scene = Account & {
  sources: Sources
  digests: Readonly<Record<'v1' | 'v2' | 'v3' | 'v9', string>>
}

/** The service `web` as a plan wants it: v1 serves from web-blue, web-green is idle; before a first deployment both are. */
export async function createScene({ seed, service }: Plan): Promise<Scene> {
  const account = await createAccount({
    seed,
    timing: service.timing,
    machines: (cloud) => virtualMachines(cloud, machineOptions(service)),
  })
  const { clients } = account
  const sources = await createSources(clients, service.sources, {
    drain: service.drainS,
    slowStart: service.slowStartS,
    healthCheck: {
      HealthCheckPort: '8090',
      HealthCheckPath: '/readyz',
      HealthCheckIntervalSeconds: service.healthIntervalS,
      HealthCheckTimeoutSeconds: 4,
      HealthyThresholdCount: service.healthyThreshold,
      UnhealthyThresholdCount: service.unhealthyThreshold,
    },
  })
  await clients.ecr.send(new CreateRepositoryCommand({ repositoryName: 'web' }))
  const versions = ['v1', 'v2', 'v3', 'v9'] as const
  for (const version of versions) await pushImage(account, version, ['amd64'])
  const digests = await Promise.all(
    versions.map(async (version) => [version, await digestOf(account.cloud, version)] as const),
  )
  const scene: Scene = {
    ...account,
    sources,
    digests: Object.fromEntries(digests) as Scene['digests'],
  }
  const template = await createTemplate(clients)
  const bundle = service.bundle ? await publishCompose(account, composeText, prefix) : null
  for (const name of groupNames) await createGroupOf(scene, service, name, { template, bundle })
  await ownAll(scene, service)
  const live = service.first ? 0 : service.live
  await account.time.runUntil(() => healthyBehind(account.cloud, sources).length >= live, upWithinMs)
  await account.time.advance(30_000)
  return scene
}

async function digestOf(cloud: Cloud, version: string): Promise<string> {
  return (await cloud.images.manifest('web', version))?.digest ?? ''
}

function machineOptions({ boot, v2 }: ServicePlan): Partial<VirtualOptions> {
  const behaviour = {
    good: {},
    fails: { failsFor: 'The container exits with code 1.' },
    'never-healthy': { neverHealthy: true },
    dies: { diesMs: 20_000 },
  }[v2]
  return { ...boot, versions: { v2: behaviour } }
}

/** What both groups launch; `bundle` is the revision of what was published. */
type Launched = Readonly<{ template: string; bundle: string | null }>

async function createGroupOf(
  { clients, digests, sources }: Scene,
  service: ServicePlan,
  name: GroupName,
  { template, bundle }: Launched,
): Promise<void> {
  const serves = name === 'web-blue' && !service.first
  await createGroup(clients, name, {
    template,
    MinSize: serves ? service.min : 0,
    MaxSize: name === 'web-blue' ? service.max : service.idleMax,
    DesiredCapacity: serves ? service.live : 0,
    HealthCheckType: service.healthCheckType,
    HealthCheckGracePeriod: service.graceS,
    NewInstancesProtectedFromScaleIn: service.protectedFromScaleIn,
    ...sources,
    tags: {
      [tagKey.store]: `s3://${bucket}/${prefix}`,
      ...(serves ? { [tagKey.version]: 'v1', [digestTagKey('')]: digests.v1 } : {}),
      ...(serves && bundle !== null ? { [tagKey.bundle]: bundle } : {}),
    },
  })
  const hooks = [
    ...(service.launchHook ? [['boot', 'LAUNCHING', 'ABANDON', 300] as const] : []),
    ...(service.terminationHook ? [['farewell', 'TERMINATING', 'CONTINUE', 120] as const] : []),
  ]
  for (const [LifecycleHookName, transition, DefaultResult, HeartbeatTimeout] of hooks)
    await clients.autoScaling.send(
      new PutLifecycleHookCommand({
        AutoScalingGroupName: name,
        LifecycleHookName,
        LifecycleTransition: `autoscaling:EC2_INSTANCE_${transition}`,
        DefaultResult,
        HeartbeatTimeout,
      }),
    )
}

async function ownAll(scene: Scene, { scaling, suspendedLive, suspendedIdle }: ServicePlan): Promise<void> {
  const suspended = [
    ['web-blue', suspendedLive],
    ['web-green', suspendedIdle],
  ] as const
  for (const [AutoScalingGroupName, processes] of suspended)
    if (processes.length > 0)
      await scene.clients.autoScaling.send(
        new SuspendProcessesCommand({ AutoScalingGroupName, ScalingProcesses: [...processes] }),
      )
  if (scaling === 'move') await ownScaling(scene, 'web-blue')
  if (scaling === 'twins') for (const name of groupNames) await trackCpu(scene, name)
  await putWatchedAlarm(scene, watchedAlarm)
}
