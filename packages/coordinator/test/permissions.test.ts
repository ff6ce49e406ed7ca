import { DescribeAutoScalingInstancesCommand, PutLifecycleHookCommand } from '@aws-sdk/client-auto-scaling'
import { CreateTagsCommand } from '@aws-sdk/client-ec2'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createGuarded, shippedPolicy, type Guarded, type PolicyText } from './support/guarded.ts'
import { ownScaling } from './support/scaling.ts'
import { composeText, pushImage, size, tag } from './support/web-service.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'permissions-'))
  await writeFile(join(directory, 'compose.yaml'), `${composeText}# another\n`)
})
afterAll(async () => {
  await rm(directory, { recursive: true })
})

async function tell(web: Guarded, lines: readonly [line: string, outcome: string][]): Promise<void> {
  for (const [line, outcome] of lines) {
    const said = await web.say(line)
    expect({ line, ...said }).toMatchObject({ line, exitCode: 0 })
    expect(said.stdout + said.stderr).toContain(outcome)
  }
  expect(web.refused).toEqual([])
}

describe.each(['switchover', ''])(
  'with the shipped policies and the store prefix "%s" nothing is refused',
  (prefix) => {
    test('from one version to the next, with policies, alarms and schedules', async () => {
      const web = await createGuarded({ prefix })
      await ownScaling(web, 'web-blue')
      await pushImage(web, 'v3', ['amd64', 'arm64'])
      await tell(web, [
        [
          'deploy web v2 --alarm busy --bake 1m --yes',
          'web runs v2 on web-green; the earlier fleet is parked',
        ],
        ['status web', 'READY'],
        ['finish web --yes', 'the earlier fleet is gone'],
        [`publish web ${directory}`, '\n'],
        ['deploy web v3 --bundle latest --canary 1 --yes', '1 canary of v3 serves'],
        ['promote web --yes', 'web runs v3 on web-blue'],
        ['rollback web --yes', 'web runs v2 on web-green again'],
        ['deploy web v3 --plan', 'v3'],
        ['deploy web v3 --yes', 'web runs v3 on web-blue'],
        ['rollback web --keep 1 --yes', '1 instance of v3 is kept'],
        ['finish web --yes', 'The kept instances of v3 are gone'],
        ['history web', 'v3'],
      ])
      await tag(web, 'web-blue', { 'switchover:version': 'v0' })
      await tell(web, [
        ['doctor web --fix --yes', 'web-blue'],
        ['doctor web', 'nothing to see to'],
      ])
    })

    test('the first deployment', async () => {
      const web = await createGuarded({ prefix })
      await size(web, 'web-blue', 0)
      await tell(web, [['deploy web v2 --desired 1 --yes', 'web runs v2 on web-blue, its first']])
    })
  },
)

const without = (policy: PolicyText, statement: string): PolicyText => ({
  ...policy,
  Statement: policy.Statement.filter(({ Sid }) => Sid !== statement),
})

describe('without one statement of the coordinator role', () => {
  const deploy = 'deploy web v2 --yes'
  const rows: [statement: string, before: string[], line: string, exitCode: number, action: string][] = [
    ['Look', [], 'status web', 2, 'autoscaling:DescribeAutoScalingGroups'],
    ['OwnServicesGroups', [], deploy, 4, 'autoscaling:UpdateAutoScalingGroup'],
    ['TagsButNeverServiceOrStore', [], deploy, 4, 'autoscaling:CreateOrUpdateTags'],
    ['OwnServicesInstances', [deploy], 'finish web --yes', 4, 'ec2:TerminateInstances'],
    // What it is for, Auto Scaling does itself some seconds later.
    ['OwnServicesTargets', [deploy], 'rollback web --yes', 0, 'elasticloadbalancing:DeregisterTargets'],
    ['MovedAlarms', [], deploy, 4, 'cloudwatch:PutMetricAlarm'],
    ['List', [], 'status web', 2, 's3:ListBucket'],
    ['Store', [], deploy, 2, 's3:GetObject'],
    ['Reports', [], 'status web', 2, 's3:GetObject'],
    ['Images', [], deploy, 2, 'ecr:BatchGetImage'],
  ]

  test('no statement is left out here', () => {
    const all = shippedPolicy('coordinator-role').Statement.map(({ Sid }) => Sid)
    expect(rows.map(([statement]) => statement)).toEqual(all)
  })

  test.each(rows)('%s: %j, then %s', async (statement, before, line, exitCode, action) => {
    const web = await createGuarded({
      change: (policy, role) => (role === 'coordinator-role' ? without(policy, statement) : policy),
    })
    await ownScaling(web, 'web-blue')
    for (const one of before) expect(await web.say(one)).toMatchObject({ exitCode: 0 })
    const said = await web.say(line)
    expect(said).toMatchObject({ exitCode })
    const sentence = said.stderr.split('\n').find((text) => text.includes('not authorized'))
    expect(sentence).toContain(`is not authorized to perform: ${action} `)
    expect(said.stderr).not.toMatch(/^\s+at |Encoded authorization/m)
  })
})

test('instances without the tag are warned of, cannot be ended, and are ended once they have it', async () => {
  const web = await createGuarded()
  const { AutoScalingInstances = [] } = await web.clients.autoScaling.send(
    new DescribeAutoScalingInstancesCommand({}),
  )
  const Resources = AutoScalingInstances.flatMap(({ InstanceId }) => InstanceId ?? [])
  const carry = async (Value: string): Promise<void> => {
    const Tags = [{ Key: 'switchover:service', Value }]
    await web.clients.ec2.send(new CreateTagsCommand({ Resources, Tags }))
    await web.time.advance(60_000)
  }
  await carry('none')
  expect((await web.say('deploy web v2 --yes')).stderr).toContain(
    '2 instances of web-blue do not carry the tag',
  )
  expect(await web.say('finish web --yes')).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining('is not authorized to perform: ec2:TerminateInstances'),
  })
  await carry('web')
  expect(await web.say('resume web --yes')).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('the earlier fleet is gone'),
  })
})

describe('without one statement of the instance role no new instance becomes ready, and its reason is told', () => {
  const noReport = 'no report yet'
  const rows: [statement: string, action: string, reason: string | null][] = [
    ['WhichGroup', 'autoscaling:DescribeAutoScalingInstances', noReport],
    ['OwnServicesHooks', 'autoscaling:RecordLifecycleActionHeartbeat', null],
    ['BundlesAndAgents', 's3:GetObject', 'perform: s3:GetObject'],
    ['OwnReport', 's3:PutObject', noReport],
    ['RegistryLogin', 'ecr:GetAuthorizationToken', 'perform: ecr:GetAuthorizationToken'],
    ['Pull', 'ecr:BatchGetImage', 'perform: ecr:BatchGetImage'],
  ]

  test('no statement that allows something is left out here', () => {
    const allowing = shippedPolicy('instance-role').Statement.filter(({ Effect }) => Effect === 'Allow')
    expect(rows.map(([statement]) => statement)).toEqual(allowing.map(({ Sid }) => Sid))
  })

  test.each(rows)('%s', async (statement, action, reason) => {
    const web = await createGuarded({
      change: (policy, role) => (role === 'instance-role' ? without(policy, statement) : policy),
    })
    await web.clients.autoScaling.send(
      new PutLifecycleHookCommand({
        AutoScalingGroupName: 'web-green',
        LifecycleHookName: 'boot',
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
        HeartbeatTimeout: 300,
      }),
    )
    const said = await web.say('deploy web v2 --timeout 2m --yes')
    expect(said).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('v2 was not deployed') })
    expect(web.refused.at(-1)).toContain(`is not authorized to perform: ${action} `)
    if (reason !== null) expect(said.stderr.split('v2 was not deployed')[1]).toContain(reason)
  })
})
