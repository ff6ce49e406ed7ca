import {
  AttachLoadBalancersCommand,
  DeleteTagsCommand,
  EnterStandbyCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { CreateRepositoryCommand } from '@aws-sdk/client-ecr'
import { CreateLoadBalancerCommand, DeleteLoadBalancerCommand } from '@aws-sdk/client-elastic-load-balancing'
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { Intercept } from '@switchover/local-aws/wire/intercept'
import { beforeEach, describe, expect, test } from 'vitest'
import { findPair } from '../src/aws/groups.ts'
import type { DeployOptions } from '../src/commands/options.ts'
import { Refusal } from '../src/events.ts'
import { planDeployment } from '../src/preflight/deploy.ts'
import type { Planned } from '../src/preflight/deploy.ts'
import { sha256 } from '../src/registry/manifest.ts'
import {
  createWebService,
  publishCompose,
  pushImage,
  repository,
  size,
  store,
  tag,
} from './support/web-service.ts'
import type { WebService } from './support/web-service.ts'
import { v2 } from './support/options.ts'

let web: WebService

beforeEach(async () => {
  web = await createWebService()
})

const wish: DeployOptions = { ...v2, digest: true }

async function plan(change: Partial<DeployOptions> = {}): Promise<Planned> {
  const { account } = web
  const work = findPair(account.clients, 'web').then(async (pair) =>
    planDeployment(account.clients, { ...wish, ...change }, { id: 'd1', now: account.time.now(), pair }),
  )
  return await account.run(work)
}

async function refusal(change: Partial<DeployOptions> = {}): Promise<Refusal> {
  const error = await plan(change).catch((caught: unknown) => caught)
  if (error instanceof Refusal) return error
  throw new Error('It was not refused.', { cause: error })
}

/** Puts XML into what DescribeAutoScalingGroups says of one group: fields the local AWS has no model of. */
function alsoSays(group: string, xml: string): Intercept {
  const name = `<AutoScalingGroupName>${group}</AutoScalingGroupName>`
  return async (call, proceed) => {
    const response = await proceed()
    if (call.operation !== 'DescribeAutoScalingGroups') return response
    const body = Buffer.from(response.body)
      .toString('utf8')
      .replace(name, name + xml)
    return { ...response, body: Buffer.from(body) }
  }
}

/** Answers one operation with this result in place of the local AWS. */
function answers(operation: string, xml: string): Intercept {
  return async (call, proceed) => {
    if (call.operation !== operation) return await proceed()
    const body = `<${operation}Response><${operation}Result>${xml}</${operation}Result></${operation}Response>`
    return { status: 200, headers: { 'content-type': 'text/xml' }, body: Buffer.from(body) }
  }
}

describe('a deployment that can begin', () => {
  test('takes live and idle, the digest of the tag and the bundle of live', async () => {
    const manifest = await pushImage(web.account, 'v2', ['amd64'])
    const planned = await plan({ desired: 3 })
    expect(planned.kind === 'deploy' && planned.deployment).toMatchObject({
      id: 'd1',
      version: 'v2',
      digests: { '': sha256(manifest) },
      bundle: web.bundle,
      previousVersion: 'v1',
      required: 3,
      old: { name: 'web-blue', before: { min: 2, max: 4, desired: 2 } },
      new: { name: 'web-green', before: { min: 0, max: 4, desired: 0 } },
    })
  })

  test('takes the bundle published last', async () => {
    await web.account.time.advance(60_000)
    const newer = await publishCompose(
      web.account,
      `services: { web: { image: "${repository}:live", init: true } }`,
    )
    const planned = await plan({ bundle: 'latest' })
    expect(planned.kind === 'deploy' && planned.deployment.bundle).toBe(newer)
  })

  test('tags a digest per compose service where several repositories are pinned', async () => {
    const both = await publishCompose(
      web.account,
      `services: { web: { image: "${repository}:live" }, job: { image: "${repository}-job:live" } }`,
    )
    await web.account.clients.ecr.send(new CreateRepositoryCommand({ repositoryName: 'web-job' }))
    const [first, second] = [
      await pushImage(web.account, 'v2', ['amd64']),
      await pushImage(web.account, 'v2', ['amd64', '386'], 'web-job'),
    ]
    const planned = await plan({ bundle: both })
    const digests = { web: sha256(first), job: sha256(second) }
    expect(planned.kind === 'deploy' && planned.deployment.digests).toEqual(digests)
  })

  test('takes VERSION@sha256:… as it is given, whatever the tag has become', async () => {
    const given = sha256(await pushImage(web.account, 'v2', ['amd64']))
    await pushImage(web.account, 'v2', ['amd64', '386'])
    const planned = await plan({ expectedDigest: given })
    expect(planned.kind === 'deploy' && planned.deployment).toMatchObject({
      version: 'v2',
      digests: { '': given },
    })
  })

  test.each(['BatchGetImage', 'DescribeTargetGroups'])('sends %s once', async (operation) => {
    let asked = 0
    web.account.intercept = async (call, proceed) => {
      if (call.operation === operation) asked += 1
      return await proceed()
    }
    await plan()
    expect(asked).toBe(1)
  })

  test('asks no registry under --no-digest', async () => {
    const asked: string[] = []
    web.account.intercept = async (call, proceed) => {
      asked.push(call.service)
      return await proceed()
    }
    const planned = await plan({ digest: false, version: 'v77' })
    expect(planned.kind === 'deploy' && planned.deployment.digests).toEqual({})
    expect(asked).not.toContain('ecr')
  })

  test('is not needed where the same version, digest and bundle are live', async () => {
    const digest = sha256(await pushImage(web.account, 'v1', ['amd64']))
    await tag(web.account, 'web-blue', { 'switchover:digest': digest })
    expect(await plan({ version: 'v1' })).toMatchObject({ kind: 'nothing-to-do' })
    // The same tag pushed anew is another version.
    await pushImage(web.account, 'v1', ['amd64', 'arm64'])
    expect(await plan({ version: 'v1' })).toMatchObject({ kind: 'deploy' })
  })

  test('warns of differences between the groups', async () => {
    await web.account.clients.autoScaling.send(
      new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName: 'web-green',
        VPCZoneIdentifier: 'subnet-b',
        HealthCheckGracePeriod: 5,
      }),
    )
    expect((await plan()).warnings).toEqual([
      'web-blue and web-green differ in their subnets: subnet-a,subnet-b and subnet-b.',
      'web-blue and web-green differ in their health check grace period: 60 s and 5 s.',
    ])
  })
})

describe('a first deployment', () => {
  beforeEach(async () => {
    await size(web.account, 'web-blue', 0)
  })

  test('brings the first group by name up, with the bundle a group is tagged with', async () => {
    const planned = await plan({ desired: 3, finishAfterMs: 1_000 })
    expect(planned.kind === 'deploy' && planned.deployment).toMatchObject({
      first: true,
      previousVersion: null,
      required: 3,
      bundle: web.bundle,
      new: { name: 'web-blue', before: { min: 0, max: 4, desired: 0 } },
      old: { name: 'web-green' },
      flags: { finishAfterMs: null },
    })
  })

  test('of the version the tags name already is a deployment all the same', async () => {
    const digest = sha256(await pushImage(web.account, 'v1', ['amd64']))
    await tag(web.account, 'web-green', { 'switchover:version': 'v1', 'switchover:digest': digest })
    expect(await plan({ version: 'v1', desired: 1 })).toMatchObject({ kind: 'deploy' })
  })

  test('takes the bundle published last where no group is tagged with one', async () => {
    await web.account.clients.autoScaling.send(
      new DeleteTagsCommand({
        Tags: [{ ResourceId: 'web-blue', ResourceType: 'auto-scaling-group', Key: 'switchover:bundle' }],
      }),
    )
    const planned = await plan({ desired: 1 })
    expect(planned.kind === 'deploy' && planned.deployment.bundle).toBe(web.bundle)
  })
})

describe('what a person must decide ends with 4', () => {
  test('nothing serves, and a group is about to', async () => {
    await size(web.account, 'web-blue', 0)
    await web.account.clients.autoScaling.send(
      new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'web-green', DesiredCapacity: 1 }),
    )
    expect(await refusal({ desired: 1 })).toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('web-green is not at 0 (desired 1, no instance)'),
    })
  })

  test('both groups serve', async () => {
    await size(web.account, 'web-green', 1)
    expect(await refusal()).toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('Both groups serve'),
    })
  })

  test('an instance is left in Standby', async () => {
    const { groups } = await findPair(web.account.clients, 'web')
    const [id = ''] = groups[0].group.instances.map((instance) => instance.id)
    await web.account.clients.autoScaling.send(
      new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'web-blue', MinSize: 0 }),
    )
    await web.account.clients.autoScaling.send(
      new EnterStandbyCommand({
        AutoScalingGroupName: 'web-blue',
        InstanceIds: [id],
        ShouldDecrementDesiredCapacity: true,
      }),
    )
    expect(await refusal()).toMatchObject({ exitCode: 4, message: expect.stringContaining(id) })
  })

  test('the idle group is about to launch', async () => {
    await web.account.clients.autoScaling.send(
      new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'web-green', DesiredCapacity: 1 }),
    )
    expect(await refusal()).toMatchObject({ exitCode: 4, message: expect.stringContaining('not at 0') })
  })
})

describe('what cannot be done as asked ends with 2', () => {
  test('nothing is live and nobody says how many', async () => {
    await size(web.account, 'web-blue', 0)
    expect(await refusal()).toMatchObject({
      exitCode: 2,
      message:
        'Neither web-blue nor web-green has an instance: say with --desired N how many v2 begins with.',
      next: 'switchover deploy web v2 --desired N',
    })
  })

  test('a canary beside nothing', async () => {
    await size(web.account, 'web-blue', 0)
    expect(await refusal({ desired: 2, canary: { count: 1 } })).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('nothing of web is live'),
    })
  })

  test('a first deployment of more than MaxSize', async () => {
    await size(web.account, 'web-blue', 0)
    expect((await refusal({ desired: 5 })).message).toBe(
      '5 instances are required, more than the MaxSize 4 of web-blue: raise it first.',
    )
  })

  test('every problem is named in one go', async () => {
    await web.account.clients.autoScaling.send(
      new SuspendProcessesCommand({ AutoScalingGroupName: 'web-green', ScalingProcesses: ['Launch'] }),
    )
    const { exitCode, outcome, message } = await refusal({ version: 'v9', desired: 5 })
    expect([exitCode, outcome]).toEqual([2, 'refused'])
    expect(message.split('\n')).toEqual([
      'Launch is suspended on web-green, which could bring up nothing: resume it first.',
      '5 instances are required, more than the MaxSize 4 of web-blue: raise it first.',
      `The image ${repository}:v9 is not in its registry.`,
    ])
  })

  test('the image is of another architecture', async () => {
    await pushImage(web.account, 'v3', ['arm64'])
    expect((await refusal({ version: 'v3' })).message).toBe(
      `The image ${repository}:v3 is for arm64, the machines of web-green are amd64.`,
    )
  })

  test('the digest given is in no registry', async () => {
    const expectedDigest = `sha256:${'0'.repeat(64)}`
    expect(await refusal({ expectedDigest })).toMatchObject({
      exitCode: 2,
      message: `The image ${repository}@${expectedDigest} is not in its registry.`,
    })
  })

  test('the digest given is of one of several pinned repositories', async () => {
    const bundle = await publishCompose(
      web.account,
      `services: { web: { image: "${repository}:live" }, job: { image: "${repository}-job:live" } }`,
    )
    const expectedDigest = sha256(await pushImage(web.account, 'v2', ['amd64']))
    expect((await refusal({ bundle, expectedDigest })).message).toBe(
      'The bundle has 2 pinned repositories; one digest cannot be of all.',
    )
  })

  test('the bundle is not in the store', async () => {
    expect(await refusal({ bundle: '0123456789ab' })).toMatchObject({
      message: 'The bundle 0123456789ab of web is not in the store.',
      next: 'switchover publish web DIR',
    })
  })

  test('the bundle in the store is damaged', async () => {
    const Key = `${store.prefix}/web/bundles/${web.bundle}.tar.gz`
    await web.account.clients.s3.send(new DeleteObjectCommand({ Bucket: store.bucket, Key }))
    expect((await refusal()).message).toContain('is not in the store')
    await web.account.clients.s3.send(new PutObjectCommand({ Bucket: store.bucket, Key, Body: 'no gzip' }))
    expect((await refusal()).message).toContain('is damaged')
  })

  test('the bundle has no pinned image', async () => {
    const other = await publishCompose(web.account, 'services: { web: { image: "web:v1" } }')
    expect((await refusal({ bundle: other })).message).toContain('no pinned image')
  })

  test('the image given is not the one the bundle deploys', async () => {
    expect((await refusal({ image: 'other/web' })).message).toContain('not other/web')
  })

  test('a service without a bundle names no image', async () => {
    await web.account.clients.autoScaling.send(
      new DeleteTagsCommand({
        Tags: [{ ResourceId: 'web-blue', ResourceType: 'auto-scaling-group', Key: 'switchover:bundle' }],
      }),
    )
    expect((await refusal()).message).toContain('give --image REPOSITORY, or --no-digest')
    expect(await plan({ image: repository })).toMatchObject({
      deployment: { bundle: null, digests: { '': expect.stringMatching(/^sha256:/) } },
    })
  })

  test('a tag is illegal', async () => {
    await tag(web.account, 'web-green', { 'switchover:release': 'sometimes' })
    expect((await refusal()).message).toMatch(/^web-green: Tag switchover:release/)
  })

  test.each([
    ['a warm pool', '<WarmPoolConfiguration><MinSize>1</MinSize></WarmPoolConfiguration>', 'warm pool'],
    ['a desired type', '<DesiredCapacityType>vcpu</DesiredCapacityType>', 'counts its capacity in vcpu'],
    [
      'a classic load balancer more',
      '<LoadBalancerNames><member>old-web</member></LoadBalancerNames>',
      'they have web and old-web, web',
    ],
    [
      'VPC Lattice',
      '<TrafficSources><member><Identifier>x</Identifier><Type>vpc-lattice</Type></member></TrafficSources>',
      'traffic source of type vpc-lattice',
    ],
    [
      'weights',
      '<MixedInstancesPolicy><LaunchTemplate><Overrides><member><WeightedCapacity>2</WeightedCapacity></member></Overrides></LaunchTemplate></MixedInstancesPolicy>',
      'weighted capacity',
    ],
    [
      'another target group',
      '<TargetGroupARNs><member>arn:x/other/1</member></TargetGroupARNs>',
      'the same target groups and classic load balancers',
    ],
  ])('the idle group has %s', async (_, xml, words) => {
    web.account.intercept = alsoSays('web-green', xml)
    expect(await refusal()).toMatchObject({ exitCode: 2, message: expect.stringContaining(words) })
  })

  test.each([
    [
      'DescribeInstanceRefreshes',
      '<InstanceRefreshes><member><Status>InProgress</Status></member></InstanceRefreshes>',
      'instance refresh of web-blue is under way',
    ],
    [
      'DescribeTargetGroups',
      '<TargetGroups><member><TargetGroupName>web</TargetGroupName><LoadBalancerArns/></member></TargetGroups>',
      'target group web has no listener',
    ],
    [
      'DescribeTargetGroups',
      '<TargetGroups><member><TargetGroupName>web</TargetGroupName><LoadBalancerArns><member>arn:lb</member></LoadBalancerArns><HealthCheckEnabled>false</HealthCheckEnabled></member></TargetGroups>',
      'target group web has its health checks off',
    ],
  ])('%s finds what is in the way', async (operation, xml, words) => {
    web.account.intercept = answers(operation, xml)
    expect(await refusal()).toMatchObject({ exitCode: 2, message: expect.stringContaining(words) })
  })
})

async function attachClassic() {
  const { classicElb, autoScaling } = web.account.clients
  await classicElb.send(
    new CreateLoadBalancerCommand({
      LoadBalancerName: 'old-web',
      Listeners: [{ Protocol: 'TCP', LoadBalancerPort: 81, InstancePort: 8_080 }],
      AvailabilityZones: ['us-east-1a'],
    }),
  )
  for (const AutoScalingGroupName of ['web-blue', 'web-green'])
    await autoScaling.send(
      new AttachLoadBalancersCommand({ AutoScalingGroupName, LoadBalancerNames: ['old-web'] }),
    )
}

describe('what the groups are attached to', () => {
  test('may be a classic load balancer', async () => {
    await attachClassic()
    expect(await plan()).toMatchObject({ kind: 'deploy' })
  })

  test('is refused where the classic load balancer is gone, or passes nothing on', async () => {
    await attachClassic()
    await web.account.clients.classicElb.send(new DeleteLoadBalancerCommand({ LoadBalancerName: 'old-web' }))
    expect(await refusal()).toMatchObject({
      exitCode: 2,
      message: 'A classic load balancer that the groups are attached to does not exist any more.',
    })
    web.account.intercept = async (call, proceed, request) => {
      const classic = Buffer.from(request.body).toString().includes('Version=2012-06-01')
      if (!classic || call.operation !== 'DescribeLoadBalancers') return await proceed()
      const list =
        '<LoadBalancerDescriptions><member><LoadBalancerName>old-web</LoadBalancerName><ListenerDescriptions/></member></LoadBalancerDescriptions>'
      return await answers(call.operation, list)(call, proceed, request)
    }
    expect(await refusal()).toMatchObject({
      exitCode: 2,
      message: 'The classic load balancer old-web has no listener: it passes no traffic on.',
    })
  })

  test('is refused where live’s own targets get no traffic', async () => {
    const [id] = (await findPair(web.account.clients, 'web')).groups[0].group.instances.map((one) => one.id)
    web.account.intercept = answers(
      'DescribeTargetHealth',
      `<TargetHealthDescriptions><member><Target><Id>${id}</Id></Target><TargetHealth><State>unused</State><Reason>Target.NotInUse</Reason></TargetHealth></member></TargetHealthDescriptions>`,
    )
    expect(await refusal()).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(`1 target of the target group web (${id}) can get no traffic`),
    })
  })
})

test('reads only', async () => {
  const changes: string[] = []
  web.account.intercept = async (call, proceed) => {
    if (!/^(Describe|Get|List|BatchGet|Head)/.test(call.operation)) changes.push(call.operation)
    return await proceed()
  }
  await plan()
  expect(changes).toEqual([])
})
