import {
  EnterStandbyCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  type EnterStandbyCommandInput,
} from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { health, targetGroup } from '../support/balancing.ts'
import { putLaunchHook, putTerminationHook } from '../support/lifecycle-hooks.ts'
import { invalid, stranger } from '../support/refused.ts'
import { operation } from '../support/row.ts'
import { tooManyIds } from '../support/too-many-ids.ts'

const { row, assumed } = operation('Auto Scaling', 'EnterStandby')
const guide = 'Auto Scaling user guide, as-enter-exit-standby'
const traced = 'AWS CLI against a real group, 2025-06-21'

row(
  {
    status: 'trace',
    source: traced,
    says: 'a decrement below min is refused, and the sentence names all sizes',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ MinSize: 1, MaxSize: 1 })
    expect(await scene.refusal(scene.enterStandby(name, ids))).toEqual(
      invalid(
        `AutoScalingGroup ${name} has min-size=1, max-size=1, and desired-size=1. To place into standby 1 instance, please update the AutoScalingGroup sizes appropriately.`,
      ),
    )
  },
)

row(
  {
    status: 'documented',
    source: 'API reference, EnterStandby',
    says: 'a decrement must leave desired at min or above for all ids together',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ MinSize: 1, DesiredCapacity: 2 })
    const { code, message } = await scene.refusal(scene.enterStandby(name, ids))
    expect(code).toBe('ValidationError')
    expect(message).toContain('To place into standby 2 instances, please')
    expect(await scene.idsIn(name, 'InService')).toHaveLength(2)
    await scene.enterStandby(name, ids.slice(0, 1))
    expect(await scene.sizes(name)).toEqual([1, 4, 1])
  },
)

row(
  {
    status: 'trace',
    source: traced,
    says: 'state and desired change at once, one activity per id is in progress at 50 %',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 2 })
    const { Activities } = await scene.enterStandby(name, ids)
    expect(await scene.sizes(name)).toEqual([0, 4, 0])
    expect([...(await scene.states(name)).values()].every((state) => state.endsWith('Standby'))).toBe(true)
    expect(Activities?.map((one) => [one.Description, one.StatusCode, one.Progress])).toEqual(
      ids.map((id) => [`Moving EC2 instance to Standby: ${id}`, 'InProgress', 50]),
    )
    expect(Activities?.[0]?.Cause).toMatch(
      /^At \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ instance i-\w+ was moved to standby in response to a user request, shrinking the capacity from 2 to 1\.$/,
    )
    expect(Object.keys(JSON.parse(Activities?.[0]?.Details ?? '') as object).toSorted()).toEqual([
      'Availability Zone',
      'Subnet ID',
    ])
  },
)

row(
  {
    status: 'documented',
    source: 'API reference, DescribeScalingActivities',
    says: 'its activity ends Successful at 100 % when Standby is reached',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    const { Activities } = await scene.enterStandby(name, ids)
    expect(Activities?.[0]?.EndTime).toBeUndefined()
    await scene.reach(name, ids, 'Standby')
    const same = (await scene.activities(name)).find((one) => one.ActivityId === Activities?.[0]?.ActivityId)
    expect(same).toMatchObject({ StatusCode: 'Successful', Progress: 100 })
    expect(same?.EndTime).toBeInstanceOf(Date)
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'without a decrement desired stays, a replacement is launched, and no cause speaks of shrinking',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    const { Activities } = await scene.enterStandby(name, ids, false)
    expect(Activities?.[0]?.Cause).toMatch(/ was moved to standby in response to a user request\.$/)
    await scene.until('a replacement', async () => (await scene.idsIn(name, 'InService')).length === 1, 600)
    expect(await scene.sizes(name)).toEqual([0, 4, 1])
    expect(await scene.idsIn(name, 'Standby')).toEqual(ids)
  },
)

row(
  {
    status: 'trace',
    source: 'aws-samples/aws-codedeploy-samples#50',
    says: 'an instance that is in Standby already is refused: repeating the call is no no-op',
  },
  async (scene) => {
    const { name, ids } = await scene.parked(1)
    expect(await scene.refusal(scene.enterStandby(name, ids))).toEqual(
      invalid(`The instance ${ids[0]} is not in InService.`),
    )
  },
)

row(
  {
    status: 'trace',
    source: 'keikoproj/upgrade-manager#324',
    says: 'one instance that is not in service fails the whole call',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 2 })
    const [first = '', second = ''] = ids
    await scene.enterStandby(name, [first])
    expect(await scene.refusal(scene.enterStandby(name, [second, first]))).toEqual(
      invalid(`The instance ${first} is not in InService.`),
    )
    expect((await scene.states(name)).get(second)).toBe('InService')
    expect(await scene.sizes(name)).toEqual([0, 4, 1])
  },
)

row(
  {
    status: 'trace',
    source: 'aws-samples/aws-codedeploy-samples#50',
    says: 'an instance that waits for its launch hook is not in service',
  },
  async (scene) => {
    const { name } = await scene.group()
    await putLaunchHook(scene, name)
    const waiting = await scene.launch(name, 1, 'Pending:Wait')
    expect(await scene.refusal(scene.enterStandby(name, waiting))).toEqual(
      invalid(`The instance ${waiting[0]} is not in InService.`),
    )
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'the instance is deregistered and stays EnteringStandby until its drain is over',
  },
  async (scene) => {
    const arn = await targetGroup(scene, { drainS: 30 })
    const { name, ids } = await scene.group({ DesiredCapacity: 1, TargetGroupARNs: [arn] })
    const state = async () => (await health(scene, arn)).get(ids[0] ?? '')
    await scene.until('healthy', async () => (await state()) === 'healthy', 300)
    await scene.enterStandby(name, ids)
    expect((await scene.states(name)).get(ids[0] ?? '')).toBe('EnteringStandby')
    expect(await state()).toBe('draining Target.DeregistrationInProgress')
    const from = scene.place.now()
    await scene.reach(name, ids, 'Standby')
    expect(scene.place.now() - from).toBeGreaterThanOrEqual(28_000)
    expect(await state()).toBeUndefined()
  },
)

row({ status: 'documented', source: guide, says: 'every attached target group is left' }, async (scene) => {
  const TargetGroupARNs = [await targetGroup(scene), await targetGroup(scene)]
  const { name, ids } = await scene.group({ DesiredCapacity: 1, TargetGroupARNs })
  await scene.enterStandby(name, ids)
  for (const arn of TargetGroupARNs)
    expect((await health(scene, arn)).get(ids[0] ?? '')).toMatch(/^draining|^unused|^$/)
  await scene.reach(name, ids, 'Standby')
  for (const arn of TargetGroupARNs) expect(await health(scene, arn)).toEqual(new Map())
})

row(
  {
    status: 'trace',
    source: 'keikoproj/upgrade-manager#77',
    says: 'while it drains, TerminateInstanceInAutoScalingGroup is refused with ScalingActivityInProgress',
  },
  async (scene) => {
    const arn = await targetGroup(scene, { drainS: 60 })
    const { name, ids } = await scene.group({ DesiredCapacity: 1, TargetGroupARNs: [arn] })
    await scene.enterStandby(name, ids)
    const terminate = { InstanceId: ids[0], ShouldDecrementDesiredCapacity: false }
    const refused = await scene.refusal(
      scene.place.autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(terminate)),
    )
    expect(refused).toMatchObject({ code: 'ScalingActivityInProgress', status: 400 })
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, lifecycle-hooks',
    says: 'termination hooks do not run',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    await putTerminationHook(scene, name)
    await scene.enterStandby(name, ids)
    await scene.reach(name, ids, 'Standby', 120)
  },
)

row(
  { status: 'documented', source: guide, says: 'a zone that it empties is filled again by AZRebalance' },
  async (scene) => {
    const { name } = await scene.group({ DesiredCapacity: 4 })
    await scene.emptyZone(name)
    await scene.until('balance', async () => new Set(await scene.zonesIn(name, 'InService')).size === 2, 900)
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'a zone that it empties is left alone while AZRebalance is suspended',
  },
  async (scene) => {
    const { name, of } = await scene.group({ DesiredCapacity: 4 })
    await scene.place.autoScaling.send(
      new SuspendProcessesCommand({ ...of, ScalingProcesses: ['AZRebalance'] }),
    )
    await scene.emptyZone(name)
    await scene.place.advance(600)
    expect(new Set(await scene.zonesIn(name, 'InService')).size).toBe(1)
  },
)

row(
  {
    status: 'model',
    source: 'botocore autoscaling',
    says: 'whether to decrement has to be said',
  },
  async (scene) => {
    const { of, name, ids } = await scene.group({ DesiredCapacity: 1 })
    const silent = { ...of, InstanceIds: ids } as EnterStandbyCommandInput
    const refused = await scene.refusal(scene.place.autoScaling.send(new EnterStandbyCommand(silent)))
    expect(refused).toMatchObject({ code: 'ValidationError', status: 400 })
    expect(await scene.idsIn(name, 'InService')).toEqual(ids)
  },
)

assumed(
  {
    source: 'DetachInstances says so; the validator is taken to be the same',
    says: 'an id that is no member is refused',
    here: 'ValidationError The instance i-0123456789abcdef0 is not part of Auto Scaling group GROUP.',
  },
  async (scene) => {
    const { name } = await scene.group()
    return await scene.words(scene.enterStandby(name, [stranger]), { GROUP: name })
  },
)

tooManyIds(assumed, (scene, name, ids) => scene.enterStandby(name, ids))
