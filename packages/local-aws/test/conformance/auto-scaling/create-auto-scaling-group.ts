import {
  CreateAutoScalingGroupCommand,
  CreateOrUpdateTagsCommand,
  type CreateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling'
import { CreateLaunchTemplateVersionCommand, DescribeInstancesCommand } from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { health, targetGroup } from '../support/balancing.ts'
import { putLaunchHook } from '../support/lifecycle-hooks.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('Auto Scaling', 'CreateAutoScalingGroup')
const cycle = 'Auto Scaling user guide, ec2-auto-scaling-lifecycle'
const tagging = 'Auto Scaling user guide, ec2-auto-scaling-tagging'

const create = async (scene: Scene, settings: Partial<CreateAutoScalingGroupCommandInput> = {}) => {
  const name = settings.AutoScalingGroupName ?? scene.name()
  const input = {
    AutoScalingGroupName: name,
    MinSize: 0,
    MaxSize: 4,
    LaunchTemplate: { LaunchTemplateName: await scene.template() },
    ...scene.place.zones,
    ...settings,
  }
  scene.cleanUp.group(scene.place, name)
  await scene.place.autoScaling.send(new CreateAutoScalingGroupCommand(input))
  return name
}
const tagsOf = async ({ place }: Scene, InstanceIds: string[]) => {
  const { Reservations } = await place.ec2.send(new DescribeInstancesCommand({ InstanceIds }))
  const tags = Reservations?.[0]?.Instances?.[0]?.Tags ?? []
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]))
}
const tag = (Key: string, Value: string, PropagateAtLaunch: boolean) => ({ Key, Value, PropagateAtLaunch })

row(
  { status: 'model', source: 'botocore autoscaling', says: 'a name is taken once: AlreadyExists' },
  async (scene) => {
    const { name } = await scene.group()
    const refused = await scene.refusal(create(scene, { AutoScalingGroupName: name }))
    expect(refused).toMatchObject({ code: 'AlreadyExists', status: 400 })
  },
)

row(
  { status: 'model', source: 'botocore autoscaling', says: 'a name has 255 characters at most' },
  async (scene) => {
    const AutoScalingGroupName = scene.name().padEnd(256, 'x')
    const refused = await scene.refusal(create(scene, { AutoScalingGroupName }))
    expect(refused).toMatchObject({ code: 'ValidationError', status: 400 })
    expect(refused.message).toContain('Member must have length less than or equal to 255')
  },
)

row(
  {
    status: 'model',
    source: 'botocore autoscaling',
    says: 'defaults: desired is min, grace 0 s, cooldown 300 s, health by EC2, new instances unprotected',
  },
  async (scene) => {
    const name = await create(scene)
    expect(await scene.find(name)).toMatchObject({
      DesiredCapacity: 0,
      HealthCheckGracePeriod: 0,
      DefaultCooldown: 300,
      HealthCheckType: 'EC2',
      NewInstancesProtectedFromScaleIn: false,
      TerminationPolicies: ['Default'],
    })
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, ec2-auto-scaling-quotas',
    says: 'more than 500 groups in a Region are refused',
    local: 'It would need 500 groups, and the quota may have been raised.',
  },
  async (scene) => {
    const { groups } = scene.cloud.autoScaling
    const one = scene.cloud.autoScaling.group(await create(scene))
    for (let count = 1; count < 500; count++) groups.set(`other-${count}`, one)
    expect(await scene.refusal(create(scene))).toMatchObject({ code: 'LimitExceeded', status: 400 })
  },
)

row(
  {
    status: 'documented',
    source: cycle,
    says: 'instances go through Pending, are registered and then in service, spread over the zones',
  },
  async (scene) => {
    const arn = await targetGroup(scene)
    const name = await create(scene, { DesiredCapacity: 2, TargetGroupARNs: [arn] })
    await scene.until('Pending', async () => (await scene.idsIn(name, 'Pending')).length > 0, 120)
    expect(await health(scene, arn)).toEqual(new Map())
    await scene.until('two in service', async () => (await scene.idsIn(name, 'InService')).length === 2, 600)
    expect([...(await health(scene, arn)).keys()].toSorted()).toEqual(
      [...(await scene.states(name)).keys()].toSorted(),
    )
    expect(new Set(await scene.zonesIn(name, 'InService')).size).toBe(2)
  },
)

row(
  {
    status: 'documented',
    source: cycle,
    says: 'a launch hook holds the instance in Pending:Wait before it is registered',
  },
  async (scene) => {
    const arn = await targetGroup(scene)
    const { name } = await scene.group({ TargetGroupARNs: [arn] })
    await putLaunchHook(scene, name)
    await scene.launch(name, 1, 'Pending:Wait')
    await scene.place.advance(20)
    expect(await health(scene, arn)).toEqual(new Map())
    const [activity] = await scene.activities(name)
    expect(activity?.StatusCode).toBe('MidLifecycleAction')
  },
)

row(
  {
    status: 'trace',
    source: 'kubernetes/autoscaler#1263',
    says: 'the cause of a launch names the difference between desired and actual capacity',
  },
  async (scene) => {
    const { name } = await scene.group({ DesiredCapacity: 1 })
    const [launch] = await scene.activities(name)
    expect(launch).toMatchObject({ StatusCode: 'Successful', Progress: 100 })
    expect(launch?.Description).toMatch(/^Launching a new EC2 instance: i-\w+$/)
    expect(launch?.Cause).toMatch(
      /an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 0 to 1\.$/,
    )
  },
)

row(
  {
    status: 'documented',
    source: tagging,
    says: 'instances get the tags with PropagateAtLaunch and aws:autoscaling:groupName',
  },
  async (scene) => {
    const name = await create(scene, {
      DesiredCapacity: 1,
      Tags: [
        tag('conformance', scene.place.prefix, true),
        tag('here', 'yes', true),
        tag('not-here', 'no', false),
      ],
    })
    await scene.until('in service', async () => (await scene.idsIn(name, 'InService')).length === 1, 600)
    const ids = await scene.idsIn(name, 'InService')
    await scene.until('tags', async () => (await tagsOf(scene, ids))['here'] === 'yes', 120)
    const tags = await tagsOf(scene, ids)
    expect(tags).toMatchObject({ 'aws:autoscaling:groupName': name })
    expect(tags).not.toHaveProperty('not-here')
  },
)

row(
  { status: 'documented', source: tagging, says: "a group's tag wins over the launch template's" },
  async (scene) => {
    const LaunchTemplateName = await scene.template()
    await scene.place.ec2.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateName,
        SourceVersion: '1',
        LaunchTemplateData: {
          TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'whose', Value: "template's" }] }],
        },
      }),
    )
    const name = await create(scene, {
      DesiredCapacity: 1,
      LaunchTemplate: { LaunchTemplateName, Version: '$Latest' },
      Tags: [tag('conformance', scene.place.prefix, true), tag('whose', "group's", true)],
    })
    await scene.until('in service', async () => (await scene.idsIn(name, 'InService')).length === 1, 600)
    const ids = await scene.idsIn(name, 'InService')
    await scene.until('tags', async () => 'whose' in (await tagsOf(scene, ids)), 120)
    expect((await tagsOf(scene, ids))['whose']).toBe("group's")
  },
)

row(
  {
    status: 'documented',
    source: tagging,
    says: "a group's tag that changes later leaves running instances as they are, in Standby too",
  },
  async (scene) => {
    const change = (name: string, Value: string) =>
      scene.place.autoScaling.send(
        new CreateOrUpdateTagsCommand({
          Tags: [{ ResourceId: name, ResourceType: 'auto-scaling-group', ...tag('colour', Value, true) }],
        }),
      )
    const { name } = await scene.group()
    await change(name, 'blue')
    const ids = await scene.launch(name, 2)
    await scene.park(name, ids.slice(0, 1))
    await change(name, 'green')
    await scene.place.advance(60)
    for (const id of ids) expect((await tagsOf(scene, [id]))['colour']).toBe('blue')
  },
)
