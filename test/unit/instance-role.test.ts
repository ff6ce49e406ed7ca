import {
  CompleteLifecycleActionCommand,
  CreateOrUpdateTagsCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { BatchGetImageCommand, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr'
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import type { Report } from '@switchover/contract/report'
import { describe, expect, test } from 'vitest'
import { s3BundleSource } from '../../packages/agent/src/aws/bundle-source.ts'
import { describeGroupTags, describeMembership } from '../../packages/agent/src/aws/group.ts'
import { lifecycleHooks } from '../../packages/agent/src/aws/hooks.ts'
import { s3ReportStore } from '../../packages/agent/src/aws/report-store.ts'
import { systemClock as clock } from '../../packages/agent/src/clock.ts'
import type { AwsClients } from '../../packages/coordinator/src/aws/clients.ts'
import { bucket as Bucket } from '../../packages/coordinator/test/support/account.ts'
import { storeUrl } from '../../packages/coordinator/test/support/web-service.ts'
import { createNeighbours } from '../support/neighbours.ts'
import { get, put, refusedFor, remove, tags, type Refusal } from '../support/refusals.ts'

const { web, ids, instance, userId } = await createNeighbours()
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

test.each<Refusal>([
  [
    "another instance's report",
    's3:PutObject',
    put(instance, `web/reports/${userId.split(':')[0]}:${ids.other}.json`),
  ],
  ["another service's report", 's3:PutObject', put(instance, `shop/reports/${userId}.json`)],
  ['the record', 's3:PutObject', put(instance, 'web/deployment.json')],
  ['the history', 's3:PutObject', put(instance, 'web/history/x.json')],
  ['a bundle', 's3:PutObject', put(instance, 'web/bundles/x.tar.gz')],
  ['an agent', 's3:PutObject', put(instance, 'agent/1/switchover-agent-linux-x64.tar.gz')],
  ['the record, to read it', 's3:GetObject', get(instance, 'web/deployment.json')],
  ["another service's bundle", 's3:GetObject', get(instance, 'shop/bundles/0123456789ab.tar.gz')],
  ['its own report, to delete it', 's3:DeleteObject', remove(instance, `web/reports/${userId}.json`)],
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
