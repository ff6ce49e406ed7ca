import { createHash } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import {
  CreateOrUpdateTagsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeWarmPoolCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  PutLifecycleHookCommand,
  SetDesiredCapacityCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { pack } from 'tar-stream'
import { describe, expect, test } from 'vitest'
import { parseReport, type Report } from '@switchover/contract/report'
import { instanceOfReportKey, storeKeys } from '@switchover/contract/store'
import { createService, groupTags, type Service } from './support/service.ts'

const name = 'web-blue'
const keys = storeKeys('prefix', 'web')

/** Reports in the store by instance id, each valid by the contract. */
async function reports({ s3 }: Pick<Service, 's3'>): Promise<Map<string, Report>> {
  const { Contents } = await s3.send(
    new ListObjectsV2Command({ Bucket: 'store', Prefix: keys.reportsPrefix }),
  )
  const found = new Map<string, Report>()
  for (const { Key = '' } of Contents ?? []) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'store', Key }))
    const parsed = parseReport((await Body?.transformToString()) ?? '')
    if (!parsed.ok) throw new Error(parsed.problem)
    expect(instanceOfReportKey(Key)).toBe(parsed.report.instanceId)
    found.set(parsed.report.instanceId, parsed.report)
  }
  return found
}

async function publish(service: Service, compose: string): Promise<string> {
  const archive = pack()
  archive.entry({ name: 'compose.yaml' }, compose)
  archive.finalize()
  const tar = Buffer.from(await text(archive), 'utf8')
  const revision = createHash('sha256').update(tar).digest('hex').slice(0, 12)
  service.cloud.objects.put('store', keys.bundle(revision), gzipSync(tar))
  return revision
}

const tags = (more: Record<string, string>) => [
  ...groupTags,
  ...Object.entries(more).map(([Key, Value]) => ({ Key, Value, PropagateAtLaunch: false })),
]

describe('a virtual machine', () => {
  test('pulls what its group is tagged with and reports every step', async () => {
    const service = await createService()
    const { digest } = service
    const [id = ''] = await service.createGroup(name, {
      DesiredCapacity: 1,
      Tags: tags({ 'switchover:digest': digest, 'switchover:deployment': 'd1' }),
    })
    const report = (await reports(service)).get(id)
    expect(report).toMatchObject({
      group: name,
      service: 'web',
      deployment: 'd1',
      phase: 'ready',
      version: 'v1',
      images: [{ repository: 'web', digest }],
      reason: null,
    })
    expect(Object.keys(report?.timings ?? {})).toEqual(
      expect.arrayContaining(['booting', 'resolving', 'pulling', 'retagging', 'starting', 'verifying']),
    )
    expect(report?.timings.pulling).toBe(5_000)
    expect(report?.progress).toBeUndefined()
  })

  test('reports how far its pull is', async () => {
    const service = await createService({ machines: { pullMs: 60_000 } })
    const { clock } = service
    await service.createGroup(name, {
      DesiredCapacity: 0,
      Tags: tags({ 'switchover:digest': service.digest }),
    })
    await service.autoScaling.send(
      new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: 1 }),
    )
    const seen: number[] = []
    for (let waited = 0; waited < 90_000; waited += 1_000) {
      await clock.advance(1_000)
      for (const { progress } of (await reports(service)).values())
        if (progress?.total && seen.at(-1) !== progress.bytes) seen.push(progress.bytes)
    }
    expect(seen.length).toBeGreaterThan(1)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  })

  test('reads the pinned images of its bundle', async () => {
    const service = await createService()
    const repository = '123456789012.dkr.ecr.us-east-1.amazonaws.com/web'
    const bundle = await publish(service, `services:\n  site:\n    image: ${repository}:live\n`)
    const [id = ''] = await service.createGroup(name, {
      DesiredCapacity: 1,
      Tags: tags({ 'switchover:bundle': bundle }),
    })
    expect((await reports(service)).get(id)).toMatchObject({
      phase: 'ready',
      bundle,
      images: [{ service: 'site', repository, digest: service.digest }],
    })
  })

  test('gives up for good where the image is missing, and abandons its launch', async () => {
    const service = await createService()
    const Tags = tags({ 'switchover:version': 'v9' }).filter(
      ({ Key, Value }) => Key !== 'switchover:version' || Value === 'v9',
    )
    await service.createGroup(name, { DesiredCapacity: 0, Tags })
    await service.autoScaling.send(
      new PutLifecycleHookCommand({
        AutoScalingGroupName: name,
        LifecycleHookName: 'boot',
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      }),
    )
    await service.autoScaling.send(
      new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: 1 }),
    )
    const failed = () =>
      service.cloud.autoScaling.group(name).activities.some(({ status }) => status === 'Cancelled')
    await service.clock.runUntil(failed, 120_000)
    expect([...(await reports(service)).values()][0]).toMatchObject({
      phase: 'failed',
      images: [],
      reason: { code: 'image-not-found', sentence: 'web:v9 is not in the registry.', kind: 'terminal' },
    })
  })

  test('waits for tags that are not there yet', async () => {
    const service = await createService()
    const [id = ''] = await service.createGroup(name, {
      DesiredCapacity: 1,
      Tags: groupTags.filter(({ Key }) => Key !== 'switchover:version'),
    })
    expect((await service.health()).get(id)).toMatch(/^unhealthy/)
    const tag = { ResourceId: name, ResourceType: 'auto-scaling-group', PropagateAtLaunch: false }
    await service.autoScaling.send(
      new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, Key: 'switchover:version', Value: 'v1' }] }),
    )
    await service.clock.advance(60_000)
    expect((await service.health()).get(id)).toBe('healthy')
  })

  test('says that it is parked while in Standby, and needs one check when it returns', async () => {
    const service = await createService()
    const { autoScaling, clock } = service
    const InstanceIds = await service.createGroup(name, { DesiredCapacity: 1 })
    const ask = { AutoScalingGroupName: name, InstanceIds }
    await autoScaling.send(new EnterStandbyCommand({ ...ask, ShouldDecrementDesiredCapacity: true }))
    await clock.advance(90_000)
    expect([...(await reports(service)).values()].map(({ phase }) => phase)).toEqual(['parked'])
    await autoScaling.send(new ExitStandbyCommand(ask))
    await clock.advance(15_000)
    expect([...(await reports(service)).values()].map(({ phase }) => phase)).toEqual(['ready'])
    expect([...(await service.health()).values()]).toEqual(['healthy'])
  })

  test('a Spot instance reports its interruption, leaves in time, and is taken', async () => {
    const service = await createService()
    const { cloud, clock } = service
    const [id = ''] = await service.createGroup(name, { DesiredCapacity: 1 })
    cloud.ec2.spot.interrupt(id)
    const at = clock.now() + 120_000
    await clock.advance(10_000)
    const report = async () => (await reports(service)).get(id)
    const interruption = { action: 'terminate', at: new Date(at).toISOString() }
    expect(await report()).toMatchObject({ phase: 'ready', interruption })
    // Before the moment: 5 s of drain, a minute until the load balancer has seen it, and 10 s.
    await clock.advance(at - 75_000 - clock.now() - 1)
    expect((await report())?.phase).toBe('ready')
    await clock.advance(1)
    expect((await report())?.phase).toBe('draining')
    await clock.advance(at - clock.now() + 60_000)
    expect(cloud.ec2.instance(id)).toMatchObject({
      state: 'terminated',
      stateReason: { code: 'Server.SpotInstanceTermination' },
    })
    expect(await service.ids(name)).not.toContain(id)
  })

  test('an interruption that is taken back, and a recommendation, change nothing', async () => {
    const service = await createService()
    const { cloud, clock } = service
    const [id = ''] = await service.createGroup(name, { DesiredCapacity: 1 })
    cloud.ec2.spot.recommendRebalance(id)
    const rebalanceRecommended = new Date(clock.now()).toISOString()
    cloud.ec2.spot.interrupt(id)
    await clock.advance(10_000)
    cloud.ec2.spot.takeBack(id)
    await clock.advance(300_000)
    const report = (await reports(service)).get(id)
    expect(report).toMatchObject({ phase: 'ready', rebalanceRecommended })
    expect(report).not.toHaveProperty('interruption')
    expect(cloud.ec2.stateOf(id)).toBe('running')
  })

  test('in a warm pool it stays down, and serves what its group is tagged with when it is called in', async () => {
    const service = await createService()
    const { cloud, clock, autoScaling } = service
    await service.createGroup(name, { DesiredCapacity: 0, Tags: groupTags })
    await autoScaling.send(
      new PutLifecycleHookCommand({
        AutoScalingGroupName: name,
        LifecycleHookName: 'boot',
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      }),
    )
    const id = cloud.autoScaling.launchWarm(name) ?? ''
    const lifecycle = async () => {
      const { AutoScalingInstances } = await autoScaling.send(
        new DescribeAutoScalingInstancesCommand({ InstanceIds: [id] }),
      )
      return AutoScalingInstances?.[0]?.LifecycleState
    }
    const seen = new Set<string | undefined>()
    await clock.runUntil(() => cloud.autoScaling.find(id)?.member.lifecycle === 'Warmed:Pending:Wait', 60_000)
    seen.add(await lifecycle())
    await clock.advance(300_000)
    seen.add(await lifecycle())
    expect([...seen]).toEqual(['Warmed:Pending:Wait', 'Warmed:Running'])
    expect(cloud.autoScaling.targetLifecycleState(id)).toBe('Warmed:Running')
    // None of the group's own, to anybody who asks for those.
    expect(await service.ids(name)).toEqual([])
    const { Instances } = await autoScaling.send(new DescribeWarmPoolCommand({ AutoScalingGroupName: name }))
    expect(Instances?.map(({ InstanceId }) => InstanceId)).toEqual([id])
    expect((await reports(service)).get(id)).toMatchObject({ images: [], reason: { code: 'warm-pool' } })

    const digest = await cloud.images.put('web', {
      mediaType: 'application/json',
      body: Buffer.from('{}'),
      tag: 'v2',
    })
    const tag = { ResourceId: name, ResourceType: 'auto-scaling-group', PropagateAtLaunch: false }
    await autoScaling.send(
      new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, Key: 'switchover:version', Value: 'v2' }] }),
    )
    await autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: 1 }))
    await clock.advance(120_000)
    expect(await service.ids(name)).toEqual([id])
    expect(await lifecycle()).toBe('InService')
    expect((await reports(service)).get(id)).toMatchObject({
      phase: 'ready',
      version: 'v2',
      images: [{ digest }],
    })
  })

  test('can be made to fail for good, never to be healthy, or to die', async () => {
    const service = await createService({
      machines: {
        versions: {
          bad: { failsFor: 'The app ended with code 1.' },
          sick: { neverHealthy: true },
          frail: { diesMs: 60_000 },
        },
      },
    })
    const phases: Record<string, string> = {}
    for (const version of ['bad', 'sick', 'frail']) {
      await service.cloud.images.put('web', {
        mediaType: 'application/json',
        body: Buffer.from('{}'),
        tag: version,
      })
      const Tags = groupTags.map((tag) =>
        tag.Key === 'switchover:version' ? { ...tag, Value: version } : tag,
      )
      const [id = ''] = await service.createGroup(`web-${version}`, { DesiredCapacity: 1, Tags })
      phases[version] = (await reports(service)).get(id)?.phase ?? ''
    }
    expect(phases).toMatchObject({ bad: 'failed', sick: 'verifying' })
    const causes = (await service.activities('web-frail')).map(({ Cause }) => Cause)
    expect(causes).toContainEqual(expect.stringContaining('it had been terminated or stopped'))
  })

  test('runs by the hundred', async () => {
    const service = await createService()
    await service.createGroup(name, { DesiredCapacity: 300, MaxSize: 300 })
    expect([...(await service.health()).values()].filter((state) => state === 'healthy')).toHaveLength(300)
    await service.autoScaling.send(
      new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: name, MinSize: 0, DesiredCapacity: 0 }),
    )
    await service.clock.advance(120_000)
    expect(await service.ids(name)).toEqual([])
    expect(service.cloud.ec2.instances().filter(({ state }) => state !== 'terminated')).toEqual([])
  })
})
