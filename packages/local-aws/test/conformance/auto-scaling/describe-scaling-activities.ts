import {
  DescribeScalingActivitiesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  type DescribeScalingActivitiesCommandInput,
} from '@aws-sdk/client-auto-scaling'
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { failChecks, groupWithElbChecks, targetGroup } from '../support/balancing.ts'
import { putLaunchHook } from '../support/lifecycle-hooks.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('Auto Scaling', 'DescribeScalingActivities')
const model = 'botocore autoscaling'

const list = async ({ place }: Scene, input: DescribeScalingActivitiesCommandInput) =>
  (await place.autoScaling.send(new DescribeScalingActivitiesCommand(input))).Activities ?? []
const causes = async (scene: Scene, name: string) =>
  (await scene.activities(name)).map((one) => one.Cause ?? '')

row(
  { status: 'model', source: model, says: 'what is in progress comes first, then the newest' },
  async (scene) => {
    const { name, of } = await scene.group({ DesiredCapacity: 1 })
    await putLaunchHook(scene, name)
    await scene.desire(name, 2)
    await scene.until('a wait', async () => (await scene.idsIn(name, 'Pending:Wait')).length === 1, 120)
    await scene.desire(name, 1)
    await scene.until('more', async () => (await list(scene, of)).length > 1, 120)
    const activities = await list(scene, of)
    const running = activities.map((one) => one.EndTime === undefined)
    expect(running).toEqual(running.toSorted((a, b) => Number(b) - Number(a)))
    expect(running).toContain(true)
    expect(running).toContain(false)
  },
)

row(
  { status: 'model', source: model, says: 'EndTime is absent and Progress below 100 until it is over' },
  async (scene) => {
    const arn = await targetGroup(scene)
    const { name, of, ids } = await scene.group({ DesiredCapacity: 1, TargetGroupARNs: [arn] })
    const terminate = { InstanceId: ids[0], ShouldDecrementDesiredCapacity: true }
    await scene.place.autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(terminate))
    const [running] = await list(scene, of)
    expect(running?.EndTime).toBeUndefined()
    expect(running?.Progress).toBeLessThan(100)
    await scene.until('its end', async () => (await scene.states(name)).size === 0, 600)
    const over = (await list(scene, of)).find((one) => one.ActivityId === running?.ActivityId)
    expect(over).toMatchObject({ StatusCode: 'Successful', Progress: 100, EndTime: expect.any(Date) as Date })
  },
)

row(
  {
    status: 'model',
    source: model,
    says: 'while the load balancer drains the status is WaitingForELBConnectionDraining',
  },
  async (scene) => {
    const arn = await targetGroup(scene, { drainS: 60 })
    const { name, of } = await scene.group({ DesiredCapacity: 1, TargetGroupARNs: [arn] })
    await scene.desire(name, 0)
    const status = async () => (await list(scene, of))[0]?.StatusCode
    await scene.until('draining', async () => (await status()) === 'WaitingForELBConnectionDraining', 60)
  },
)

row(
  { status: 'model', source: model, says: 'ids are looked up, at most 50; unknown ones are left out' },
  async (scene) => {
    const { of } = await scene.group({ DesiredCapacity: 1 })
    const [one] = await list(scene, of)
    const unknown = '00000000-0000-0000-0000-000000000000'
    const found = await list(scene, { ...of, ActivityIds: [unknown, one?.ActivityId ?? ''] })
    expect(found.map(({ ActivityId }) => ActivityId)).toEqual([one?.ActivityId])
    const many = Array.from({ length: 51 }, () => unknown)
    expect(await scene.refusal(list(scene, { ...of, ActivityIds: many }))).toMatchObject({
      code: 'ValidationError',
    })
  },
)

row({ status: 'model', source: model, says: 'pages are as long as MaxRecords says' }, async (scene) => {
  const { of } = await scene.group({ DesiredCapacity: 2 })
  const first = await scene.place.autoScaling.send(
    new DescribeScalingActivitiesCommand({ ...of, MaxRecords: 1 }),
  )
  expect(first.Activities).toHaveLength(1)
  expect(await list(scene, { ...of, NextToken: first.NextToken })).toHaveLength(1)
})

row(
  { status: 'model', source: model, says: 'they are filtered by status and by bounds of the start time' },
  async (scene) => {
    const { name, of } = await scene.group({ DesiredCapacity: 2 })
    const middle = new Date(scene.place.now() + 1_000).toISOString()
    await scene.place.advance(2)
    await scene.desire(name, 1)
    await scene.until('a third', async () => (await list(scene, of)).length === 3, 120)
    const count = async (Name: string, ...Values: string[]) =>
      (await list(scene, { ...of, Filters: [{ Name, Values }] })).length
    expect(await count('StartTimeLowerBound', middle)).toBe(1)
    expect(await count('StartTimeUpperBound', middle)).toBe(2)
    expect(await count('Status', 'Successful')).toBeGreaterThanOrEqual(2)
    expect(await count('Status', 'Failed')).toBe(0)
  },
)

row(
  { status: 'model', source: model, says: 'the filter Status needs the name of a group' },
  async (scene) => {
    const Filters = [{ Name: 'Status', Values: ['Successful'] }]
    expect(await scene.refusal(list(scene, { Filters }))).toMatchObject({
      code: 'ValidationError',
      status: 400,
    })
  },
)

row(
  { status: 'model', source: model, says: 'they are kept for six weeks', local: 'It takes six weeks.' },
  async (scene) => {
    const { name, of } = await scene.group({ DesiredCapacity: 1 })
    const [first] = await list(scene, of)
    const [kept] = scene.cloud.autoScaling.group(name).activities
    Object.assign(kept ?? {}, { startTime: scene.place.now() - 43 * 24 * 3_600_000 })
    await scene.desire(name, 2)
    await scene.until('a launch', async () => (await scene.idsIn(name, 'InService')).length === 2, 120)
    expect((await list(scene, of)).map((one) => one.ActivityId)).not.toContain(first?.ActivityId)
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, ts-as-healthchecks',
    says: 'the cause names the EC2 health check that found an instance ended',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    await scene.place.ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }))
    await scene.until('a termination', async () => (await causes(scene, name)).length > 1, 300)
    expect((await causes(scene, name)).join('\n')).toContain(
      'an instance was taken out of service in response to an EC2 health check that indicated it had been terminated or stopped.',
    )
  },
)

row(
  {
    status: 'trace',
    source: 'kubernetes/autoscaler#1263',
    says: 'the cause names the ELB health check that failed',
  },
  async (scene) => {
    const { arn, name } = await groupWithElbChecks(scene)
    await failChecks(scene, arn)
    await scene.until(
      'a termination',
      async () =>
        (await causes(scene, name)).some((cause) => cause.includes('an ELB system health check failure')),
      600,
    )
    expect((await causes(scene, name)).join('\n')).toContain(
      'an instance was taken out of service in response to an ELB system health check failure.',
    )
  },
)

row(
  {
    status: 'model',
    source: model,
    says: 'a page has 100 activities at most',
    local: 'It takes a hundred launches.',
  },
  async (scene) => {
    const { name, of } = await scene.group({ DesiredCapacity: 1 })
    const { activities } = scene.cloud.autoScaling.group(name)
    activities.push(...Array.from({ length: 100 }, () => ({ ...activities[0]! })))
    const { Activities, NextToken } = await scene.place.autoScaling.send(
      new DescribeScalingActivitiesCommand(of),
    )
    expect(Activities).toHaveLength(100)
    expect(NextToken).toBeDefined()
  },
)
