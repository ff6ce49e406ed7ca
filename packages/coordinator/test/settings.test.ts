import {
  CreateOrUpdateTagsCommand,
  DeleteLifecycleHookCommand,
  DescribeAutoScalingInstancesCommand,
  PutLifecycleHookCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { CreateTagsCommand } from '@aws-sdk/client-ec2'
import {
  DescribeTargetGroupsCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { storeKeys } from '@switchover/contract/store'
import type { Intercept } from '@switchover/local-aws/wire/intercept'
import { beforeEach, describe, expect, test } from 'vitest'
import { findPair } from '../src/aws/groups.ts'
import type { DeployOptions } from '../src/commands/options.ts'
import { Refusal } from '../src/events.ts'
import { planDeployment } from '../src/preflight/deploy.ts'
import { v2 } from './support/options.ts'
import { createWebService, groupNames, store, type WebService } from './support/web-service.ts'

let web: WebService
let targetGroupArn: string

beforeEach(async () => {
  web = await createWebService()
  const { TargetGroups = [] } = await web.account.clients.elb.send(new DescribeTargetGroupsCommand({}))
  targetGroupArn = TargetGroups[0]?.TargetGroupArn ?? ''
})

async function plan(change: Partial<DeployOptions> = {}) {
  const { account } = web
  const work = findPair(account.clients, 'web').then(async (pair) =>
    planDeployment(account.clients, { ...v2, ...change }, { id: 'd1', now: account.time.now(), pair }),
  )
  return await account.run(work)
}

const warnings = async () => (await plan()).warnings.join('\n')

async function refusal(change: Partial<DeployOptions> = {}): Promise<Refusal> {
  const error = await plan(change).catch((caught: unknown) => caught)
  if (error instanceof Refusal) return error
  throw new Error('It was not refused.', { cause: error })
}

async function attribute(Key: string, Value: string): Promise<void> {
  await web.account.clients.elb.send(
    new ModifyTargetGroupAttributesCommand({ TargetGroupArn: targetGroupArn, Attributes: [{ Key, Value }] }),
  )
}

async function check(HealthCheckIntervalSeconds: number, HealthyThresholdCount: number): Promise<void> {
  await web.account.clients.elb.send(
    new ModifyTargetGroupCommand({
      TargetGroupArn: targetGroupArn,
      HealthCheckIntervalSeconds,
      HealthyThresholdCount,
      HealthCheckTimeoutSeconds: 2,
    }),
  )
}

async function hook(AutoScalingGroupName: string): Promise<void> {
  await web.account.clients.autoScaling.send(
    new PutLifecycleHookCommand({
      AutoScalingGroupName,
      LifecycleHookName: 'boot',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
    }),
  )
}

/** The report of a live instance whose boot took `ms`. */
async function booted(ms: number): Promise<string> {
  const { groups } = await findPair(web.account.clients, 'web')
  const instanceId = groups[0].group.instances[0]?.id ?? ''
  const now = new Date(web.account.time.now()).toISOString()
  const report = {
    instanceId,
    group: 'web-blue',
    service: 'web',
    deployment: null,
    phase: 'ready',
    since: now,
    writtenAt: now,
    version: 'v1',
    bundle: null,
    images: [],
    reason: null,
    logs: [],
    agent: '1',
    timings: { booting: ms, ready: 1_000 },
  }
  const Key = storeKeys(store.prefix, 'web').report(`AROAEXAMPLE:${instanceId}`)
  await web.account.clients.s3.send(
    new PutObjectCommand({ Bucket: store.bucket, Key, Body: JSON.stringify(report) }),
  )
  return instanceId
}

/** Puts XML behind the first `after` in what an operation answers: fields the local AWS has no model of. */
function alsoSays(operation: string, after: string, xml: string): Intercept {
  return async (call, proceed) => {
    const response = await proceed()
    if (call.operation !== operation) return response
    const body = Buffer.from(response.body)
      .toString('utf8')
      .replace(after, after + xml)
    return { ...response, body: Buffer.from(body) }
  }
}

const ofGreen = '<AutoScalingGroupName>web-green</AutoScalingGroupName>'

describe('settings that cost time or certainty are warned about, with what they cost', () => {
  test('a service with quick settings is not warned about', async () => {
    for (const name of groupNames) await hook(name)
    expect((await plan()).warnings).toEqual([])
  })

  test('a drain of five minutes', async () => {
    await attribute('deregistration_delay.timeout_seconds', '300')
    expect(await warnings()).toContain('web drains for 5m: that long the old instances take to be parked')
    await attribute('deregistration_delay.timeout_seconds', '299')
    expect(await warnings()).not.toContain('web drains')
  })

  test('slow start', async () => {
    await attribute('slow_start.duration_seconds', '45')
    expect(await warnings()).toContain('Slow start of web adds 45s before the old instances are parked.')
  })

  test('a health check that is slow after a boot without a launch hook', async () => {
    await check(30, 5)
    expect(await warnings()).toContain(
      'The health check of web takes about 2m15s to find a ready instance healthy (interval 30s, healthy threshold 5): a shorter interval, or a launch hook makes the switch faster.',
    )
    await hook('web-green')
    expect(await warnings()).not.toContain('The health check of web')
  })

  test('a grace period shorter than a boot, by what was measured', async () => {
    await check(5, 2)
    const id = await booted(90_000)
    expect(await warnings()).toContain(
      `web-green replaces what is unhealthy 1m after it came up, and an instance needs about 1m38s (as ${id} took)`,
    )
    await hook('web-green')
    expect(await warnings()).not.toContain('replaces what is unhealthy')
  })

  test('a grace period that is long enough', async () => {
    await check(5, 2)
    await booted(40_000)
    expect(await warnings()).not.toContain('replaces what is unhealthy')
  })

  test('health checks of EC2 alone', async () => {
    await web.account.clients.autoScaling.send(
      new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'web-green', HealthCheckType: 'EC2' }),
    )
    expect(await warnings()).toContain(
      'web-green has health check type EC2: it replaces no instance whose app has failed.',
    )
  })

  test('new instances protected from scale-in', async () => {
    await web.account.clients.autoScaling.send(
      new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName: 'web-green',
        NewInstancesProtectedFromScaleIn: true,
      }),
    )
    expect(await warnings()).toContain('New instances of web-green are protected from scale-in')
  })

  test('--desired below what live serves with, which is brought up all the same', async () => {
    const planned = await plan({ desired: 1 })
    expect(planned).toMatchObject({ kind: 'deploy', deployment: { required: 2 } })
    expect(planned.warnings).toEqual([
      '--desired 1 is less than the 2 that web-blue has or wants in service: 2 are brought up.',
    ])
    expect((await plan({ desired: 2 })).warnings).toEqual([])
  })

  test('quotas that may not be read', async () => {
    const xml =
      '<ErrorResponse><Error><Code>AccessDenied</Code><Message>No.</Message></Error></ErrorResponse>'
    web.account.intercept = async (call, proceed) =>
      call.operation === 'DescribeAccountLimits'
        ? { status: 403, headers: { 'content-type': 'text/xml' }, body: Buffer.from(xml) }
        : await proceed()
    expect(await warnings()).toContain('The quotas of Elastic Load Balancing may not be read')
  })

  test('hooks that only one group has', async () => {
    await hook('web-blue')
    expect(await warnings()).toContain(
      'web-blue and web-green differ in their lifecycle hooks: boot and none.',
    )
    await web.account.clients.autoScaling.send(
      new DeleteLifecycleHookCommand({ AutoScalingGroupName: 'web-blue', LifecycleHookName: 'boot' }),
    )
    expect(await warnings()).not.toContain('lifecycle hooks')
  })

  test.each([
    [
      'Spot instances of a mixed group',
      alsoSays(
        'DescribeAutoScalingGroups',
        ofGreen,
        '<MixedInstancesPolicy><InstancesDistribution><OnDemandPercentageAboveBaseCapacity>0</OnDemandPercentageAboveBaseCapacity></InstancesDistribution></MixedInstancesPolicy>',
      ),
      'web-green uses Spot instances',
    ],
    [
      'Spot instances of a launch template',
      alsoSays(
        'DescribeLaunchTemplateVersions',
        '<launchTemplateData>',
        '<instanceMarketOptions><marketType>spot</marketType></instanceMarketOptions>',
      ),
      'web-green uses Spot instances',
    ],
    [
      'termination protection',
      alsoSays(
        'DescribeLaunchTemplateVersions',
        '<launchTemplateData>',
        '<disableApiTermination>true</disableApiTermination>',
      ),
      'The launch template of web-green protects instances from termination',
    ],
  ])('%s', async (_, intercept, words) => {
    web.account.intercept = intercept
    expect(await warnings()).toContain(words)
  })
})

describe('what would never end is refused', () => {
  test('--release together without a launch hook, with the command that makes one', async () => {
    expect(await refusal({ release: 'together' })).toMatchObject({
      exitCode: 2,
      message:
        '--release together needs a launch hook on web-green: without one instances join the load balancer as they come.',
      next: expect.stringContaining('aws autoscaling put-lifecycle-hook --auto-scaling-group-name web-green'),
    })
    await hook('web-green')
    expect(await plan({ release: 'together' })).toMatchObject({ kind: 'deploy' })
  })

  test('--release together where no agent is asked', async () => {
    await hook('web-green')
    expect((await refusal({ release: 'together', readiness: 'load-balancer' })).message).toContain(
      'leave one of them out',
    )
  })

  test('a zone that is not enabled on the load balancer', async () => {
    const zone = '<AvailabilityZones><member><ZoneName>us-east-1a</ZoneName></member></AvailabilityZones>'
    web.account.intercept = async (call, proceed) => {
      const response = await proceed()
      if (call.operation !== 'DescribeLoadBalancers') return response
      const text = Buffer.from(response.body).toString('utf8')
      return {
        ...response,
        body: Buffer.from(text.replace(/<AvailabilityZones>.*?<\/AvailabilityZones>/s, zone)),
      }
    }
    expect((await refusal()).message.split('\n')).toEqual([
      'web-blue launches in us-east-1b, not enabled on the load balancer web: instances there never become healthy.',
      'web-green launches in us-east-1b, not enabled on the load balancer web: instances there never become healthy.',
    ])
  })

  test('more targets than the load balancer may have while both fleets are registered', async () => {
    web.account.cloud.loadBalancing.quotas.set('targets-per-application-load-balancer', 4)
    expect((await refusal({ desired: 3 })).message).toBe(
      '5 instances of both groups would be registered during the switch, more than the quota of 4 targets of a load balancer (targets-per-application-load-balancer): raise it first.',
    )
    expect(await plan({ desired: 2 })).toMatchObject({ kind: 'deploy' })
  })

  test('a machine image that cannot be launched', async () => {
    web.account.intercept = async (call, proceed) => {
      const response = await proceed()
      if (call.operation !== 'DescribeImages') return response
      const text = Buffer.from(response.body).toString('utf8')
      return { ...response, body: Buffer.from(text.replace('>available<', '>failed<')) }
    }
    expect((await refusal({ digest: true })).message).toMatch(
      /^The machine image ami-\w+ of web-green is failed/,
    )
  })
})

describe('instances are ended by their tag', () => {
  test('and nothing is said where all carry it', async () => {
    expect(await warnings()).not.toContain('switchover:service=web')
  })

  test('those launched before the group had it are told of, with the command that puts it there', async () => {
    const { clients } = web.account
    const { AutoScalingInstances = [] } = await clients.autoScaling.send(
      new DescribeAutoScalingInstancesCommand({}),
    )
    const Resources = AutoScalingInstances.flatMap(({ InstanceId }) => InstanceId ?? []).slice(0, 1)
    await clients.ec2.send(
      new CreateTagsCommand({ Resources, Tags: [{ Key: 'switchover:service', Value: 'other' }] }),
    )
    await web.account.time.advance(60_000)
    expect(await warnings()).toContain(
      '1 instance of web-blue does not carry the tag switchover:service=web: whoever may end instances with that tag only, as the shipped role, cannot finish. Put it there: aws ec2 create-tags',
    )
  })

  test('and a group that does not hand it on is told of', async () => {
    await web.account.clients.autoScaling.send(
      new CreateOrUpdateTagsCommand({
        Tags: [
          {
            ResourceId: 'web-green',
            ResourceType: 'auto-scaling-group',
            Key: 'switchover:service',
            Value: 'web',
            PropagateAtLaunch: false,
          },
        ],
      }),
    )
    expect(await warnings()).toContain('web-green does not propagate its tag switchover:service=web')
  })
})
