import {
  CompleteLifecycleActionCommand,
  CreateAutoScalingGroupCommand,
  CreateOrUpdateTagsCommand,
  DeleteTagsCommand,
  DescribeAutoScalingInstancesCommand,
  EnterStandbyCommand,
  PutLifecycleHookCommand,
  PutScalingPolicyCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import {
  BatchGetImageCommand,
  CreateRepositoryCommand,
  GetAuthorizationTokenCommand,
} from '@aws-sdk/client-ecr'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { STSClient } from '@aws-sdk/client-sts'
import { inProcessHandler } from '@switchover/local-aws/in-process'
import type { Report } from '@switchover/contract/report'
import { beforeAll, describe, expect, test } from 'vitest'
import { s3BundleSource } from '../../packages/agent/src/aws/bundle-source.ts'
import { describeGroupTags, describeMembership } from '../../packages/agent/src/aws/group.ts'
import { lifecycleHooks } from '../../packages/agent/src/aws/hooks.ts'
import { s3ReportStore } from '../../packages/agent/src/aws/report-store.ts'
import { systemClock as clock } from '../../packages/agent/src/clock.ts'
import type { AwsClients } from '../../packages/coordinator/src/aws/clients.ts'
import { bucket as Bucket } from '../../packages/coordinator/test/support/account.ts'
import { createGuarded, roleNames, type Guarded } from '../../packages/coordinator/test/support/guarded.ts'
import { size, storeUrl } from '../../packages/coordinator/test/support/web-service.ts'

/** The service `web` and its neighbour `shop`, who has one instance and the same store. */
let web: Guarded
let ids: { web: string; other: string; shop: string }
let instance: AwsClients & { sts: STSClient }
let userId: string

beforeAll(async () => {
  web = await createGuarded()
  const { clients, cloud } = web
  for (const name of ['shop-blue', 'shop-green'])
    await clients.autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: name,
        LaunchTemplate: { LaunchTemplateName: 'web' },
        MinSize: 0,
        MaxSize: 1,
        AvailabilityZones: ['us-east-1a'],
        Tags: Object.entries({ 'switchover:service': 'shop', 'switchover:store': storeUrl }).map(
          ([Key, Value]) => ({ Key, Value, PropagateAtLaunch: true, ResourceId: name }),
        ),
      }),
    )
  await clients.autoScaling.send(
    new PutLifecycleHookCommand({
      AutoScalingGroupName: 'web-blue',
      LifecycleHookName: 'boot',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
    }),
  )
  await size(web, 'shop-blue', 1)
  await clients.ecr.send(new CreateRepositoryCommand({ repositoryName: 'shop' }))
  for (const Key of ['web/deployment.json', 'shop/deployment.json', 'shop/bundles/0123456789ab.tar.gz'])
    await clients.s3.send(new PutObjectCommand({ Bucket, Key: `switchover/${Key}`, Body: '{}' }))
  const { AutoScalingInstances = [] } = await clients.autoScaling.send(
    new DescribeAutoScalingInstancesCommand({}),
  )
  const of = (group: string) =>
    AutoScalingInstances.flatMap(({ AutoScalingGroupName, InstanceId = '' }) =>
      AutoScalingGroupName === group ? [InstanceId] : [],
    )
  const [first = '', other = ''] = of('web-blue')
  ids = { web: first, other, shop: of('shop-blue')[0] ?? '' }
  const { accessKeyId } = cloud.identities.issue(first, roleNames.instance)
  userId = cloud.identities.callerOf(accessKeyId).userId
  const sts = new STSClient({
    region: cloud.region,
    credentials: { accessKeyId, secretAccessKey: 'secret' },
    requestHandler: inProcessHandler(cloud),
  })
  instance = { ...web.connect((_, proceed) => proceed(), accessKeyId), sts }
})

const signal = AbortSignal.timeout(60_000)
const repository = { repositoryName: 'web', imageIds: [{ imageTag: 'v1' }] }

const source = () => s3BundleSource({ s3: instance.s3, store: storeUrl, service: 'web', clock })

describe("an instance under the instance role's policy", () => {
  const place = { store: storeUrl, service: 'web' }

  test('learns its group, answers its hooks, and logs in to its registry', async () => {
    expect(await describeMembership(instance.autoScaling, ids.web, signal)).toMatchObject({
      group: 'web-blue',
    })
    expect(await describeGroupTags(instance.autoScaling, 'web-blue', signal)).toMatchObject({ version: 'v1' })
    const hooks = lifecycleHooks(instance.autoScaling, clock)
    expect(await hooks.list('web-blue', 'autoscaling:EC2_INSTANCE_LAUNCHING')).toMatchObject([
      { name: 'boot' },
    ])
    expect(await hooks.heartbeat('web-blue', 'boot', ids.web)).toBe(false)
    expect(await hooks.complete('web-blue', 'boot', ids.web, 'CONTINUE')).toBe(false)
    await instance.ecr.send(new GetAuthorizationTokenCommand({}))
    expect((await instance.ecr.send(new BatchGetImageCommand(repository))).images).toHaveLength(1)
  })

  test('reads its bundle', async () => {
    const checksum = (await source().checksum(web.bundle, signal)).trim()
    expect(checksum.startsWith(web.bundle)).toBe(true)
    expect((await source().tarball(web.bundle, signal)).byteLength).toBeGreaterThan(0)
  })

  test('is told that a bundle is missing though it may not list the store', async () => {
    await expect(source().checksum('ffffffffffff', signal)).rejects.toMatchObject({
      reason: {
        code: 'bundle-not-found',
        kind: 'retryable',
        sentence:
          'The store has no s3://store/switchover/web/bundles/ffffffffffff.sha256: S3 refuses to say so to a role that may not list the bucket.',
      },
      terminalAfter: 3,
    })
  })

  test("is told that it may not read another service's bundle", async () => {
    const shop = s3BundleSource({ s3: instance.s3, store: storeUrl, service: 'shop', clock })
    await expect(shop.tarball('0123456789ab', signal)).rejects.toMatchObject({
      reason: {
        code: 'access-denied',
        kind: 'retryable',
        sentence: expect.stringContaining('is not authorized to perform: s3:GetObject on resource'),
      },
    })
  })

  test('names both causes where S3 says no more than AccessDenied', async () => {
    const error = Object.assign(new Error('Access Denied'), { name: 'AccessDenied' })
    const s3 = { send: () => Promise.reject(error) } as unknown as AwsClients['s3']
    const silent = s3BundleSource({ s3, store: storeUrl, service: 'web', clock })
    await expect(silent.checksum('ffffffffffff', signal)).rejects.toMatchObject({
      reason: {
        code: 'bundle-not-found',
        kind: 'retryable',
        sentence:
          "The store has no s3://store/switchover/web/bundles/ffffffffffff.sha256, or the instance's role may not read it: S3 answers AccessDenied to both.",
      },
      terminalAfter: null,
    })
  })

  test('writes its report under its own key', async () => {
    const Key = `switchover/web/reports/${userId}.json`
    const { Body } = await web.clients.s3.send(new GetObjectCommand({ Bucket, Key }))
    const report: Report = JSON.parse((await Body?.transformToString()) ?? '') as Report
    await s3ReportStore({ ...instance, clock }).put(place, { ...report, agent: 'real' })
    const after = await web.clients.s3.send(new GetObjectCommand({ Bucket, Key }))
    expect(JSON.parse((await after.Body?.transformToString()) ?? '')).toMatchObject({ agent: 'real' })
  })
})

type Row = [what: string, action: string, call: () => Promise<unknown>]

const put = (of: () => AwsClients, key: () => string) => () =>
  of().s3.send(new PutObjectCommand({ Bucket, Key: `switchover/${key()}`, Body: '{}' }))
const get = (of: () => AwsClients, key: string) => () =>
  of().s3.send(new GetObjectCommand({ Bucket, Key: `switchover/${key}` }))
const remove = (of: () => AwsClients, key: () => string) => () =>
  of().s3.send(new DeleteObjectCommand({ Bucket, Key: `switchover/${key()}` }))
const tags = (group: string, Key: string, Value = 'x') => ({
  Tags: [{ ResourceId: group, ResourceType: 'auto-scaling-group', Key, Value, PropagateAtLaunch: false }],
})

const one = () => instance
test.each<Row>([
  [
    "another instance's report",
    's3:PutObject',
    put(one, () => `web/reports/${userId.split(':')[0]}:${ids.other}.json`),
  ],
  ["another service's report", 's3:PutObject', put(one, () => `shop/reports/${userId}.json`)],
  ['the record', 's3:PutObject', put(one, () => 'web/deployment.json')],
  ['the history', 's3:PutObject', put(one, () => 'web/history/x.json')],
  ['a bundle', 's3:PutObject', put(one, () => 'web/bundles/x.tar.gz')],
  ['an agent', 's3:PutObject', put(one, () => 'agent/1/switchover-agent-linux-x64.tar.gz')],
  ['the record, to read it', 's3:GetObject', get(one, 'web/deployment.json')],
  ["another service's bundle", 's3:GetObject', get(one, 'shop/bundles/0123456789ab.tar.gz')],
  ['its own report, to delete it', 's3:DeleteObject', remove(one, () => `web/reports/${userId}.json`)],
  ['the list of keys', 's3:ListBucket', () => instance.s3.send(new ListObjectsV2Command({ Bucket }))],
  [
    "another service's hook",
    'autoscaling:CompleteLifecycleAction',
    () =>
      instance.autoScaling.send(
        new CompleteLifecycleActionCommand({
          AutoScalingGroupName: 'shop-blue',
          LifecycleHookName: 'boot',
          InstanceId: ids.shop,
          LifecycleActionResult: 'ABANDON',
        }),
      ),
  ],
  [
    'its group',
    'autoscaling:UpdateAutoScalingGroup',
    () =>
      instance.autoScaling.send(
        new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'web-blue', MinSize: 0 }),
      ),
  ],
  [
    "its group's tags",
    'autoscaling:CreateOrUpdateTags',
    () => instance.autoScaling.send(new CreateOrUpdateTagsCommand(tags('web-blue', 'switchover:version'))),
  ],
  [
    'itself, to end it',
    'ec2:TerminateInstances',
    () => instance.ec2.send(new TerminateInstancesCommand({ InstanceIds: [ids.web] })),
  ],
  [
    "another service's images",
    'ecr:BatchGetImage',
    () => instance.ecr.send(new BatchGetImageCommand({ ...repository, repositoryName: 'shop' })),
  ],
])('an instance may not touch %s', refusedFor)

const ops = () => web.ops
const group = { AutoScalingGroupName: 'shop-blue' }
test.each<Row>([
  [
    'sizes',
    'autoscaling:UpdateAutoScalingGroup',
    () => web.ops.autoScaling.send(new UpdateAutoScalingGroupCommand({ ...group, MinSize: 0 })),
  ],
  [
    'processes',
    'autoscaling:SuspendProcesses',
    () => web.ops.autoScaling.send(new SuspendProcessesCommand(group)),
  ],
  [
    'instances',
    'autoscaling:EnterStandby',
    () =>
      web.ops.autoScaling.send(
        new EnterStandbyCommand({ ...group, InstanceIds: [ids.shop], ShouldDecrementDesiredCapacity: true }),
      ),
  ],
  [
    'policies',
    'autoscaling:PutScalingPolicy',
    () => web.ops.autoScaling.send(new PutScalingPolicyCommand({ ...group, PolicyName: 'out' })),
  ],
  [
    'version',
    'autoscaling:CreateOrUpdateTags',
    () => web.ops.autoScaling.send(new CreateOrUpdateTagsCommand(tags('shop-blue', 'switchover:version'))),
  ],
  [
    'machines',
    'ec2:TerminateInstances',
    () => web.ops.ec2.send(new TerminateInstancesCommand({ InstanceIds: [ids.shop] })),
  ],
  ['record', 's3:PutObject', put(ops, () => 'shop/deployment.json')],
  ['record, to read it', 's3:GetObject', get(ops, 'shop/deployment.json')],
  ['reports', 's3:DeleteObject', remove(ops, () => `shop/reports/AROAX:${ids.shop}.json`)],
  [
    'images',
    'ecr:BatchGetImage',
    () => web.ops.ecr.send(new BatchGetImageCommand({ ...repository, repositoryName: 'shop' })),
  ],
])("the coordinator of web may not touch shop's %s", refusedFor)

test.each<Row>([
  [
    'the name of the service',
    'autoscaling:CreateOrUpdateTags',
    () =>
      web.ops.autoScaling.send(
        new CreateOrUpdateTagsCommand(tags('web-green', 'switchover:service', 'shop')),
      ),
  ],
  [
    'the store',
    'autoscaling:CreateOrUpdateTags',
    () => web.ops.autoScaling.send(new CreateOrUpdateTagsCommand(tags('web-green', 'switchover:store'))),
  ],
  [
    'the tag it is known by',
    'autoscaling:DeleteTags',
    () => web.ops.autoScaling.send(new DeleteTagsCommand(tags('web-green', 'switchover:service'))),
  ],
  ['the record, to delete it', 's3:DeleteObject', remove(ops, () => 'web/deployment.json')],
  ['a report, to write it', 's3:PutObject', put(ops, () => `web/reports/${userId}.json`)],
])('the coordinator of web may not touch %s', refusedFor)

test('a whole command for another service is one sentence and exit 2', async () => {
  const { exitCode, stderr } = await web.say('deploy shop v2 --no-digest --yes')
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr:
      'AWS denied permission while reading s3://store/switchover/shop/deployment.json: User: arn:aws:sts::123456789012:assumed-role/web-coordinator/ops is not authorized to perform: ' +
      's3:GetObject on resource: "arn:aws:s3:::store/switchover/shop/deployment.json" because no identity-based policy allows the s3:GetObject action.\n',
  })
})

async function refusedFor(_what: string, action: string, call: () => Promise<unknown>): Promise<void> {
  await expect(call()).rejects.toThrow(`is not authorized to perform: ${action}`)
}
