import {
  CreateAutoScalingGroupCommand,
  DeleteTagsCommand,
  DetachInstancesCommand,
  EnterStandbyCommand,
  PutScalingPolicyCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch'
import { DescribeImagesCommand } from '@aws-sdk/client-ecr'
import { ModifyTargetGroupAttributesCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { deploy } from '../src/commands/deploy.ts'
import { doctor, type DoctorResult } from '../src/commands/doctor.ts'
import { finish } from '../src/commands/finish.ts'
import { bucket, portsOf } from './support/account.ts'
import { commandLine, type Said } from './support/command-line.ts'
import { createService, type Service } from './support/fleet.ts'
import { common, v2 } from './support/options.ts'
import { endedOf, objectAt, recordOf } from './support/views.ts'
import { createWebService, pushImage, size, store, tag } from './support/web-service.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let service: Service
beforeEach(async () => {
  service = await createService()
})

const say = async (argv: string[] = [], answer?: string): Promise<Said> =>
  commandLine(['doctor', 'web', ...argv], {
    directory: '/',
    clients: service.clients,
    clock: service.clock,
    ...(answer === undefined ? {} : { answer }),
  })

async function details(...argv: string[]): Promise<DoctorResult> {
  const { stdout } = await say(['--json', ...argv])
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as DoctorResult
}

/** Codes of what is found, notes left out. */
async function codes(...argv: string[]): Promise<string[]> {
  const { findings } = (await details(...argv)).details
  return findings.filter(({ severity }) => severity !== 'note').map(({ code }) => code)
}

async function write(body: string): Promise<void> {
  await service.clients.s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: 'p/web/deployment.json', Body: body }),
  )
}

async function minOf(name: string, MinSize: number): Promise<void> {
  await service.clients.autoScaling.send(
    new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: name, MinSize }),
  )
}

async function suspend(name: string, ...ScalingProcesses: string[]): Promise<void> {
  await service.clients.autoScaling.send(
    new SuspendProcessesCommand({ AutoScalingGroupName: name, ScalingProcesses }),
  )
}

/** As if the deployment that has ended had done it: until now, says its history. */
async function leaveSuspended(name: string, ...processes: string[]): Promise<void> {
  await suspend(name, ...processes)
  const [Key = ''] = await endedOf(service)
  const entry = (await objectAt(service, Key)) as object
  const Body = JSON.stringify({ ...entry, endedAt: service.time.now() })
  await service.clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }))
}

async function instancesOf(name: string): Promise<string[]> {
  const { Instances = [] } = await service.group(name)
  return Instances.flatMap(({ InstanceId }) => InstanceId ?? [])
}

async function suspendedOn(name: string): Promise<string[]> {
  const { SuspendedProcesses = [] } = await service.group(name)
  return SuspendedProcesses.flatMap(({ ProcessName }) => ProcessName ?? [])
}

/** v2 on web-green, web-blue empty; a min that was pinned to 2 on the way, and is 1 again. */
async function finished(): Promise<void> {
  await minOf('web-blue', 1)
  await service.run(deploy(portsOf(service, 'a'), v2))
  await service.run(finish(portsOf(service, 'a'), common))
}

async function mendedBy(...leftovers: string[]): Promise<void> {
  expect(await codes()).toEqual(leftovers)
  const fixed = await details('--fix', '--yes')
  expect(fixed).toMatchObject({ exitCode: 0, outcome: 'done' })
  expect(fixed.details.mended.toSorted()).toEqual(leftovers.toSorted())
  expect(await codes()).toEqual([])
  expect((await details('--fix', '--yes')).details.mended).toEqual([])
  expect(await recordOf(service)).toMatchObject({ lease: null, deployment: null })
}

describe('a service in good order', () => {
  test('is exit 0 before any deployment, while parked, and after the end', async () => {
    expect(await codes()).toEqual([])
    await service.run(deploy(portsOf(service, 'a'), v2))
    const parked = await say()
    expect(parked).toMatchObject({ exitCode: 0, stderr: 'web: nothing to see to.\n' })
    expect(parked.stdout).toMatch(
      /^note {2}parked-fleet\n {2}2 instances of v1 parked in web-blue for \d+s\.\n/m,
    )
    await service.run(finish(portsOf(service, 'a'), common))
    expect(await codes()).toEqual([])
  })

  test('a fleet parked for two days is told with its cost', async () => {
    await service.run(deploy(portsOf(service, 'a'), v2))
    await service.time.advance(48 * 3_600_000)
    const [finding] = (await details()).details.findings
    expect(finding).toMatchObject({
      code: 'parked-fleet',
      severity: 'warning',
      mend: 'switchover finish web',
    })
    expect(finding?.risk).toContain('96.')
  })
})

describe('what --fix mends, it mends once', () => {
  beforeEach(finished)

  test('a suspension of ours; not one of the operator', async () => {
    await leaveSuspended('web-blue', 'AlarmNotification', 'ScheduledActions', 'HealthCheck')
    await service.time.advance(60_000)
    await suspend('web-blue', 'AZRebalance')
    await mendedBy('suspension-left')
    expect((await suspendedOn('web-blue')).toSorted()).toEqual(['AZRebalance', 'HealthCheck'])
  })

  test('a pinned min', async () => {
    await minOf('web-green', 2)
    await mendedBy('min-not-restored')
    expect(await service.group('web-green')).toMatchObject({ MinSize: 1, DesiredCapacity: 2 })
  })

  test('the tags of the idle group', async () => {
    await tag(service, 'web-blue', { 'switchover:version': 'v1', 'switchover:bundle': 'aaaaaaaaaaaa' })
    await mendedBy('idle-version')
    const tags = (await service.group('web-blue')).Tags?.map(({ Key, Value }) => `${Key}=${Value}`)
    expect(tags).toContain('switchover:version=v2')
    expect(tags?.join()).not.toContain('bundle')
  })

  test('a lease that was never given back', async () => {
    await write(JSON.stringify({ ...(await recordOf(service)), lease: { owner: 'dead', expiresAt: 1 } }))
    await mendedBy('expired-lease')
  })

  test('all at once, and a lost reply in between', async () => {
    await leaveSuspended('web-blue', 'AZRebalance')
    await minOf('web-green', 2)
    await tag(service, 'web-blue', { 'switchover:version': 'v0' })
    await write(JSON.stringify({ ...(await recordOf(service)), lease: { owner: 'dead', expiresAt: 1 } }))
    let lost = 0
    service.intercept = async (call, proceed) => {
      const response = await proceed()
      if (call.operation !== 'ResumeProcesses' || lost > 0) return response
      lost += 1
      return null
    }
    const ports = portsOf(service, 'b')
    const { result } = await service.run(doctor(ports, { ...common, registry: v2, fix: true }))
    expect(result).toMatchObject({ exitCode: 0, outcome: 'done' })
    expect(result.details.mended.toSorted()).toEqual([
      'expired-lease',
      'idle-version',
      'min-not-restored',
      'suspension-left',
    ])
    expect(lost).toBe(1)
    expect(ports.events.filter(({ event }) => event === 'step')).toHaveLength(3)
    expect(await suspendedOn('web-blue')).toEqual([])
  })

  test('what was read before the lease was held is looked at again', async () => {
    await minOf('web-green', 2)
    let calls = 0
    service.intercept = async (call, proceed) => {
      const response = await proceed()
      // Another hand puts it right the moment the lease is taken.
      if (call.service === 's3' && call.operation === 'PutObject' && (calls += 1) === 1)
        await minOf('web-green', 0)
      return response
    }
    const ports = portsOf(service, 'b')
    await service.run(doctor(ports, { ...common, registry: v2, fix: true }))
    expect(ports.events.filter(({ event }) => event === 'step')).toEqual([])
    expect((await service.group('web-green')).MinSize).toBe(0)
  })
})

describe('what is for a person', () => {
  test('two groups in service', async () => {
    await size(service, 'web-green', 1)
    const found = await details('--fix', '--yes')
    expect(found).toMatchObject({ exitCode: 4, outcome: 'held' })
    expect(found.details.findings[0]).toMatchObject({
      code: 'both-serving',
      severity: 'danger',
      fixable: false,
    })
    expect(await instancesOf('web-green')).toHaveLength(1)
  })

  test('orphans in Standby', async () => {
    const [first = ''] = await instancesOf('web-blue')
    await minOf('web-blue', 1)
    await service.clients.autoScaling.send(
      new EnterStandbyCommand({
        AutoScalingGroupName: 'web-blue',
        InstanceIds: [first],
        ShouldDecrementDesiredCapacity: true,
      }),
    )
    await service.time.advance(60_000)
    const { findings } = (await details()).details
    expect(findings[0]).toMatchObject({ code: 'orphan-standby', what: expect.stringContaining(first) })
  })

  test('an instance outside the groups', async () => {
    const [first = ''] = await instancesOf('web-blue')
    await minOf('web-blue', 1)
    await service.clients.autoScaling.send(
      new DetachInstancesCommand({
        AutoScalingGroupName: 'web-blue',
        InstanceIds: [first],
        ShouldDecrementDesiredCapacity: true,
      }),
    )
    await service.time.advance(60_000)
    const { findings } = (await details()).details
    expect(findings[0]).toMatchObject({
      code: 'outside-groups',
      mend: `aws ec2 terminate-instances --instance-ids ${first}`,
    })
    expect(await service.running()).toContain(first)
  })

  test('an interrupted deployment is left alone, and named with its next command', async () => {
    const ports = portsOf(service, 'a')
    const begun = deploy(ports, v2)
    await service.time.runUntil(() => ports.events.some(({ event }) => event === 'wait'), 600_000)
    ports.stop.abort()
    await expect(service.run(begun)).rejects.toMatchObject({ exitCode: 130 })
    const before = await recordOf(service)
    const found = await details('--fix', '--yes')
    expect(found.details.findings[0]).toMatchObject({ code: 'interrupted', mend: 'switchover resume web' })
    expect(found).toMatchObject({ exitCode: 4, details: { mended: [] } })
    expect(await recordOf(service)).toEqual(before)
  })

  test('a drain that makes the promise impossible', async () => {
    await service.clients.elb.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn: service.targetGroupArn,
        Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '300' }],
      }),
    )
    expect(await codes()).toEqual(['slow-drain'])
  })

  test('an alarm and a policy of the idle group', async () => {
    await service.clients.cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName: 'web-cpu',
        Namespace: 'AWS/EC2',
        MetricName: 'CPUUtilization',
        Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'web-green' }],
        Statistic: 'Average',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 80,
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    )
    const policy = {
      PolicyName: 'out',
      PolicyType: 'SimpleScaling',
      AdjustmentType: 'ChangeInCapacity',
      ScalingAdjustment: 1,
    }
    for (const AutoScalingGroupName of ['web-green', 'web-blue'])
      await service.clients.autoScaling.send(new PutScalingPolicyCommand({ AutoScalingGroupName, ...policy }))
    const all = (await details()).details.findings.map(({ code }) => code)
    expect(all).toContain('doubled-policy')
    expect(all).toContain('alarm-aside')
  })
})

describe('a service that no other command would find', () => {
  test('one group', async () => {
    await service.clients.autoScaling.send(
      new DeleteTagsCommand({
        Tags: [{ ResourceId: 'web-green', ResourceType: 'auto-scaling-group', Key: 'switchover:service' }],
      }),
    )
    expect(await codes()).toEqual(['not-a-pair'])
  })

  test('three groups', async () => {
    const { LaunchTemplate } = await service.group('web-blue')
    await service.clients.autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: 'web-red',
        LaunchTemplate,
        MinSize: 0,
        MaxSize: 1,
        AvailabilityZones: ['us-east-1a'],
        TargetGroupARNs: [service.targetGroupArn],
      }),
    )
    await tag(service, 'web-red', { 'switchover:service': 'web', 'switchover:store': `s3://${bucket}/p` })
    expect(await codes()).toEqual(['not-a-pair'])
  })

  test('two stores', async () => {
    await tag(service, 'web-green', { 'switchover:store': 's3://elsewhere/x' })
    expect(await codes()).toEqual(['store-differs'])
  })

  test('a record that cannot be read, or a bucket that is gone: the rest is looked at all the same', async () => {
    await write('{')
    expect(await codes()).toEqual(['not-looked-at'])
    for (const name of ['web-blue', 'web-green'])
      await tag(service, name, { 'switchover:store': 's3://gone/x', 'switchover:digest': 'x' })
    expect(await codes()).toEqual(['tags-unreadable', 'tags-unreadable', 'not-looked-at'])
  })
})

describe('image and bundle of live', () => {
  test('a version that was pushed again, a digest that is gone, a bundle that is gone', async () => {
    const { account, bundle } = await createWebService()
    const look = async (): Promise<string[]> => {
      const { stdout } = await commandLine(['doctor', 'web', '--json'], {
        directory: '/',
        clients: account.clients,
        clock: account.clock,
      })
      const { findings } = (JSON.parse(stdout) as DoctorResult).details
      return findings.map(({ code }) => code).filter((code) => /image|moved/.test(code))
    }
    const { imageDetails } = await account.clients.ecr.send(
      new DescribeImagesCommand({ repositoryName: 'web', imageIds: [{ imageTag: 'v1' }] }),
    )
    const digest = imageDetails?.[0]?.imageDigest ?? ''
    await tag(account, 'web-blue', { 'switchover:digest': digest })
    expect(await look()).toEqual([])
    await pushImage(account, 'v1', ['arm64'])
    expect(await look()).toEqual(['moved-tag'])
    await tag(account, 'web-blue', { 'switchover:digest': `sha256:${'d'.repeat(64)}` })
    expect(await look()).toEqual(['image-gone', 'moved-tag'])
    await account.clients.s3.send(
      new DeleteObjectCommand({ Bucket: bucket, Key: `${store.prefix}/web/bundles/${bundle}.tar.gz` }),
    )
    expect(await look()).toEqual(['image-gone'])
  })
})

describe('manners', () => {
  test('an unknown service is exit 2, one sentence', async () => {
    const { exitCode, stdout, stderr } = await commandLine(['doctor', 'nobody'], {
      directory: '/',
      clients: service.clients,
    })
    expect({ exitCode, stdout, lines: stderr.trim().split('\n').length }).toEqual({
      exitCode: 2,
      stdout: '',
      lines: 1,
    })
  })

  test('AWS out of reach is exit 1', async () => {
    service.intercept = () => Promise.resolve(null)
    expect(await say()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('examining web') })
  })

  test('one thing that cannot be looked at hides no other, and is no clean bill', async () => {
    service.intercept = async (call, proceed) => (call.operation === 'DescribeAlarms' ? null : proceed())
    expect(await details()).toMatchObject({ exitCode: 4 })
    expect(await codes()).toEqual(['not-looked-at'])
  })

  test('--fix while somebody is at work is exit 3, and without it that is told', async () => {
    await finished()
    await minOf('web-green', 2)
    const lease = { owner: 'bob@laptop', expiresAt: service.clock.now() + 3_600_000 }
    await write(JSON.stringify({ ...(await recordOf(service)), lease }))
    expect(await say(['--fix', '--yes'])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('bob@laptop'),
    })
    expect((await details()).details.findings.map(({ code }) => code)).toContain('at-work')
    expect((await service.group('web-green')).MinSize).toBe(2)
  })

  test('--fix stops at once, exit 3, when another run takes the record from under it', async () => {
    await finished()
    await minOf('web-green', 2)
    await tag(service, 'web-blue', { 'switchover:version': 'v0' })
    const lease = { owner: 'bob@laptop', expiresAt: service.clock.now() + 3_600_000 }
    service.intercept = async (call, proceed) => {
      const response = await proceed()
      if (call.operation === 'UpdateAutoScalingGroup')
        await write(JSON.stringify({ ...(await recordOf(service)), lease }))
      return response
    }
    expect(await say(['--fix', '--yes'])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('bob@laptop'),
    })
    expect((await recordOf(service)).lease).toEqual(lease)
    expect((await service.group('web-blue')).Tags).toContainEqual(
      expect.objectContaining({ Key: 'switchover:version', Value: 'v0' }),
    )
  })

  test('--fix ends in good order at Ctrl-C: the call in flight is done, the lease given back', async () => {
    await finished()
    await leaveSuspended('web-blue', 'AZRebalance')
    await minOf('web-green', 2)
    const ports = portsOf(service, 'b')
    service.intercept = async (call, proceed) => {
      if (call.operation === 'ResumeProcesses') ports.stop.abort()
      return proceed()
    }
    await expect(service.run(doctor(ports, { ...common, registry: v2, fix: true }))).rejects.toMatchObject({
      exitCode: 130,
      outcome: 'interrupted',
      next: 'switchover doctor web --fix',
    })
    expect(await suspendedOn('web-blue')).toEqual([])
    expect((await service.group('web-green')).MinSize).toBe(2)
    expect(await recordOf(service)).toMatchObject({ lease: null, deployment: null })
  })

  test('--fix asks first: n changes nothing, y mends', async () => {
    await finished()
    await minOf('web-green', 2)
    expect(await say(['--fix'], 'n\n')).toMatchObject({
      exitCode: 2,
      stdout: expect.stringContaining('min-not-restored'),
    })
    expect((await service.group('web-green')).MinSize).toBe(2)
    expect(await say(['--fix'], 'y\n')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('Mended: min-not-restored.'),
    })
    expect((await service.group('web-green')).MinSize).toBe(1)
  })

  test('--fix with nothing to mend asks nothing; off a terminal it wants --yes', async () => {
    expect(await say(['--fix'], '')).toMatchObject({ exitCode: 0 })
    expect(await say(['--fix'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('add --yes') })
  })

  test('each finding is told with its risk and how to mend it', async () => {
    await finished()
    await minOf('web-green', 2)
    const { exitCode, stdout, stderr } = await say()
    expect(exitCode).toBe(4)
    expect(stdout).toContain(
      [
        'warning  min-not-restored',
        '  MinSize 2 of web-green was written by a deployment; 1 is what it should be.',
        '  The group cannot scale in below it, and is paid for at that size.',
        '  mend: aws autoscaling update-auto-scaling-group --auto-scaling-group-name web-green --min-size 1   (or --fix)',
      ].join('\n'),
    )
    expect(stderr).toBe('web: 1 thing to see to.\nNext: switchover doctor web --fix\n')
  })
})
