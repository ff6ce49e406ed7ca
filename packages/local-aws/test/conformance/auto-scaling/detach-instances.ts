import { DescribeAutoScalingInstancesCommand, DetachInstancesCommand } from '@aws-sdk/client-auto-scaling'
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { health, targetGroup } from '../support/balancing.ts'
import { putTerminationHook } from '../support/lifecycle-hooks.ts'
import { invalid, stranger } from '../support/refused.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'
import { tooManyIds } from '../support/too-many-ids.ts'

const { row, assumed } = operation('Auto Scaling', 'DetachInstances')
const guide = 'Auto Scaling user guide, ec2-auto-scaling-detach-attach-instances'

const detach = (
  { place }: Scene,
  AutoScalingGroupName: string,
  InstanceIds: string[],
  ShouldDecrementDesiredCapacity = false,
) =>
  place.autoScaling.send(
    new DetachInstancesCommand({ AutoScalingGroupName, InstanceIds, ShouldDecrementDesiredCapacity }),
  )
const gone = (scene: Scene, name: string, id = '') =>
  scene.until(`${id} gone`, async () => !(await scene.states(name)).has(id), 600)
const ec2View = async ({ place }: Scene, InstanceIds: string[]) => {
  const { Reservations } = await place.ec2.send(new DescribeInstancesCommand({ InstanceIds }))
  const [instance] = Reservations?.[0]?.Instances ?? []
  return {
    state: instance?.State?.Name,
    tags: Object.fromEntries((instance?.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
  }
}

row(
  {
    status: 'documented',
    source: 'API reference, DetachInstances',
    says: 'the activity is in progress at 50 %, and its cause names the capacity where it shrinks',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 2 })
    const { Activities } = await detach(scene, name, ids.slice(0, 1), true)
    expect(Activities).toMatchObject([
      { Description: `Detaching EC2 instance: ${ids[0]}`, StatusCode: 'InProgress', Progress: 50 },
    ])
    expect(Activities?.[0]?.Cause).toMatch(
      /^At \S+Z instance i-\w+ was detached in response to a user request, shrinking the capacity from 2 to 1\.$/,
    )
    expect(await scene.sizes(name)).toEqual([0, 4, 1])
  },
)

row(
  {
    status: 'documented',
    source: 'API reference, DetachInstances',
    says: 'the instance is deregistered and stays Detaching until its drain is over',
  },
  async (scene) => {
    const arn = await targetGroup(scene, { drainS: 30 })
    const { name, ids } = await scene.group({ DesiredCapacity: 1, TargetGroupARNs: [arn] })
    await detach(scene, name, ids, true)
    const from = scene.place.now()
    expect((await scene.states(name)).get(ids[0] ?? '')).toBe('Detaching')
    expect((await health(scene, arn)).get(ids[0] ?? '')).toBe('draining Target.DeregistrationInProgress')
    await gone(scene, name, ids[0])
    expect(scene.place.now() - from).toBeGreaterThanOrEqual(28_000)
    expect(await health(scene, arn)).toEqual(new Map())
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, ec2-auto-scaling-tagging',
    says: 'the instance runs on; only the tag aws:autoscaling:groupName is taken off',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    await scene.until(
      'tags',
      async () => (await ec2View(scene, ids)).tags['aws:autoscaling:groupName'] === name,
      120,
    )
    await detach(scene, name, ids, true)
    await gone(scene, name, ids[0])
    await scene.place.advance(30)
    const { state, tags } = await ec2View(scene, ids)
    expect(state).toBe('running')
    expect(tags).not.toHaveProperty('aws:autoscaling:groupName')
    expect(tags).toMatchObject({ conformance: scene.place.prefix })
  },
)

row(
  {
    status: 'model',
    source: 'botocore autoscaling, DescribeAutoScalingInstances',
    says: 'a detached instance is absent from DescribeAutoScalingInstances, without an error',
  },
  async (scene) => {
    const { name, ids } = await scene.parked(1)
    await detach(scene, name, ids)
    await gone(scene, name, ids[0])
    const asked = new DescribeAutoScalingInstancesCommand({ InstanceIds: ids })
    expect((await scene.place.autoScaling.send(asked)).AutoScalingInstances).toEqual([])
  },
)

row(
  { status: 'documented', source: guide, says: 'without a decrement an instance in service is replaced' },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    const { Activities } = await detach(scene, name, ids)
    expect(Activities?.[0]?.Cause).toMatch(/ was detached in response to a user request\.$/)
    await gone(scene, name, ids[0])
    await scene.until('a replacement', async () => (await scene.idsIn(name, 'InService')).length === 1, 600)
  },
)

row(
  {
    status: 'trace',
    source: 'compiler-explorer/infra, bin/lib/cli/instances.py',
    says: 'without a decrement nothing replaces an instance that was in Standby',
  },
  async (scene) => {
    const { name, ids } = await scene.parked(1)
    await detach(scene, name, ids)
    await gone(scene, name, ids[0])
    await scene.place.advance(120)
    expect((await scene.find(name)).Instances).toEqual([])
    expect(await scene.sizes(name)).toEqual([0, 4, 0])
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'a decrement lowers desired for an instance in Standby too, so that another one is ended',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    const [first = ''] = ids
    await scene.park(name, [first])
    await scene.launch(name, 1)
    await detach(scene, name, [first], true)
    expect(await scene.sizes(name)).toEqual([0, 4, 0])
    await scene.until('an empty group', async () => (await scene.states(name)).size === 0, 600)
  },
)

row(
  {
    status: 'trace',
    source: 'reproio/ecs_deploy#47',
    says: 'an instance that is detaching already is refused',
  },
  async (scene) => {
    const arn = await targetGroup(scene, { drainS: 60 })
    const { name, ids } = await scene.group({ DesiredCapacity: 1, TargetGroupARNs: [arn] })
    await detach(scene, name, ids, true)
    expect(await scene.refusal(detach(scene, name, ids, true))).toEqual(
      invalid(`The instance ${ids[0]} is not in InService or Standby.`),
    )
  },
)

row(
  {
    status: 'trace',
    source: 'reproio/ecs_deploy#56',
    says: 'an instance that has left is no part of the group',
  },
  async (scene) => {
    const { name, ids } = await scene.parked(1)
    await detach(scene, name, ids)
    await gone(scene, name, ids[0])
    expect(await scene.refusal(detach(scene, name, ids))).toEqual(
      invalid(`The instance ${ids[0]} is not part of Auto Scaling group ${name}.`),
    )
  },
)

row(
  { status: 'trace', source: 'reproio/ecs_deploy#56', says: 'one stranger fails the whole call' },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    expect(await scene.refusal(detach(scene, name, [...ids, stranger]))).toEqual(
      invalid(`The instance ${stranger} is not part of Auto Scaling group ${name}.`),
    )
    expect((await scene.states(name)).get(ids[0] ?? '')).toBe('InService')
  },
)

row(
  {
    status: 'trace',
    source: 'spacelift-io/terraform-aws-spacelift-workerpool-on-ec2#85',
    says: 'a decrement below min is refused, and the sentence names all sizes',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ MinSize: 1, MaxSize: 3 })
    expect(await scene.refusal(detach(scene, name, ids, true))).toEqual(
      invalid(
        `AutoScalingGroup ${name} has min-size=1, max-size=3, and desired-size=1. To detach 1 instance, please update the AutoScalingGroup sizes appropriately.`,
      ),
    )
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
    await detach(scene, name, ids, true)
    await gone(scene, name, ids[0])
    expect((await ec2View(scene, ids)).state).toBe('running')
  },
)

tooManyIds(assumed, detach)
