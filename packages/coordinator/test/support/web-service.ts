import {
  CreateOrUpdateTagsCommand,
  DescribeAutoScalingGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { CreateRepositoryCommand, PutImageCommand } from '@aws-sdk/client-ecr'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { AwsClients } from '../../src/aws/clients.ts'
import type { MachineKind } from '@switchover/local-aws/instances/kind'
import { canonicalTar, revisionOf } from '../../src/publish/canonical-tar.ts'
import { uploadBundle } from '../../src/publish/bundle.ts'
import { bucket, createAccount } from './account.ts'
import type { Account } from './account.ts'
import { createGroup, createTemplate } from './groups.ts'

export const repository = '123456789012.dkr.ecr.us-east-1.amazonaws.com/web'
export const store = { bucket, prefix: 'switchover' }
export const storeUrl = `s3://${bucket}/switchover`
export const groupNames = ['web-blue', 'web-green'] as const

/** Machines that run as soon as they are started and pass every health check. */
export const goodMachines: MachineKind = {
  name: 'virtual',
  probe: () => Promise.resolve({ ok: true }),
  nextIp: () => '10.0.0.9',
  start(_, events) {
    queueMicrotask(() => events.running())
    return { terminate: () => Promise.resolve(), reboot: () => Promise.resolve() }
  },
  close: () => Promise.resolve(),
}

/** An account that can be filled, and a way to let its time pass. */
type Ground = Pick<Account, 'clients'> & { time: { advance(ms: number): Promise<void> } }

export type WebService = { account: Account; bundle: string }

export async function createWebService(): Promise<WebService> {
  const account = await createAccount({ machines: () => goodMachines })
  return { account, bundle: await fillWithWebService(account) }
}

/**
 * `web`: v1 on web-blue with two instances in service, web-green empty, v1 and v2 in its repository, one bundle.
 * @param set changes the target group before it has a target
 * @param prefix of the store
 * @returns the bundle's revision
 */
export async function fillWithWebService(
  account: Ground,
  set: (targetGroupArn: string) => Promise<void> = async () => undefined,
  prefix: string = store.prefix,
): Promise<string> {
  const { clients } = account
  const targetGroupArn = await createLoadBalancer(account)
  await set(targetGroupArn)
  const template = await createTemplate(clients)
  for (const name of groupNames)
    await createGroup(clients, name, {
      template,
      MinSize: 0,
      MaxSize: 4,
      DesiredCapacity: 0,
      VPCZoneIdentifier: 'subnet-a,subnet-b',
      TargetGroupARNs: [targetGroupArn],
      HealthCheckType: 'ELB',
      HealthCheckGracePeriod: 60,
      tags: { 'switchover:store': `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}` },
    })
  await clients.ecr.send(new CreateRepositoryCommand({ repositoryName: 'web' }))
  for (const version of ['v1', 'v2']) await pushImage(account, version, ['amd64', 'arm64'])
  const bundle = await publishCompose(account, composeText, prefix)
  await tag(account, 'web-blue', { 'switchover:version': 'v1', 'switchover:bundle': bundle })
  await size(account, 'web-blue', 2)
  return bundle
}

export const composeText = `services:\n  web:\n    image: ${repository}:live\n`

export async function publishCompose(
  account: Ground,
  text: string,
  prefix: string = store.prefix,
): Promise<string> {
  const tar = await canonicalTar([
    { kind: 'file', path: 'compose.yaml', content: Buffer.from(text), executable: false },
  ])
  const lock = { schema: 1 as const, images: {} }
  const bundle = { ...revisionOf(tar), tar, lock }
  await uploadBundle(account.clients.s3, { bucket, prefix }, 'web', bundle)
  return bundle.revision
}

/** An index for these architectures; its bytes differ by version. @returns the manifest */
export async function pushImage(
  { clients }: Ground,
  version: string,
  architectures: readonly string[],
  repositoryName = 'web',
): Promise<string> {
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    annotations: { version },
    manifests: architectures.map((architecture) => ({ platform: { os: 'linux', architecture } })),
  })
  await clients.ecr.send(new PutImageCommand({ repositoryName, imageManifest: manifest, imageTag: version }))
  return manifest
}

export async function tag(
  { clients }: Ground,
  group: string,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({
    ResourceId: group,
    ResourceType: 'auto-scaling-group',
    Key,
    Value,
    PropagateAtLaunch: Key === 'switchover:service',
  }))
  await clients.autoScaling.send(new CreateOrUpdateTagsCommand({ Tags }))
}

/** Sets min and desired, and lets the group settle. */
export async function size(account: Ground, group: string, count: number): Promise<void> {
  await account.clients.autoScaling.send(
    new UpdateAutoScalingGroupCommand({
      AutoScalingGroupName: group,
      MinSize: count,
      DesiredCapacity: count,
    }),
  )
  for (let turn = 0; turn < 100; turn++) {
    const { AutoScalingGroups } = await account.clients.autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }),
    )
    const instances = AutoScalingGroups?.[0]?.Instances ?? []
    if (instances.length === count && instances.every((one) => one.LifecycleState === 'InService')) return
    await account.time.advance(10_000)
  }
  throw new Error(`${group} did not settle at ${count}.`)
}

async function createLoadBalancer({ clients }: Ground): Promise<string> {
  const balancer = await clients.elb.send(
    new CreateLoadBalancerCommand({ Name: 'web', Type: 'application', Subnets: ['subnet-a', 'subnet-b'] }),
  )
  const TargetGroupArn = await createTargetGroup(clients, 'web')
  await clients.elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancer.LoadBalancers?.[0]?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    }),
  )
  return TargetGroupArn
}

async function createTargetGroup({ elb }: AwsClients, name: string): Promise<string> {
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: 'HTTP',
      Port: 8080,
      VpcId: 'vpc-1',
      TargetType: 'instance',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      Tags: [{ Key: 'switchover:service', Value: 'web' }],
    }),
  )
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? ''
  const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '20' }]
  await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }))
  return TargetGroupArn
}
