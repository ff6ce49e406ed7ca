import { SetDesiredCapacityCommand, SetInstanceProtectionCommand } from '@aws-sdk/client-auto-scaling'
import { CreateLaunchTemplateVersionCommand } from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { health, targetGroup } from '../support/balancing.ts'
import { invalid } from '../support/refused.ts'
import { putLaunchHook, putTerminationHook } from '../support/lifecycle-hooks.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('Auto Scaling', 'SetDesiredCapacity')
const protection = 'Auto Scaling user guide, ec2-auto-scaling-instance-protection'
const policies = 'Auto Scaling user guide, ec2-auto-scaling-termination-policies'

const set = (
  { place }: Scene,
  AutoScalingGroupName: string,
  DesiredCapacity: number,
  HonorCooldown?: boolean,
) =>
  place.autoScaling.send(
    new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity, HonorCooldown }),
  )

row({ status: 'trace', source: 'kubernetes/autoscaler#943', says: 'above max is refused' }, async (scene) => {
  const { name } = await scene.group({ MaxSize: 2 })
  expect(await scene.refusal(set(scene, name, 3))).toEqual(
    invalid('New SetDesiredCapacity value 3 is above max value 2 for the AutoScalingGroup.'),
  )
})

row(
  { status: 'trace', source: 'kubernetes/autoscaler#943 and emulators', says: 'below min is refused' },
  async (scene) => {
    const { name } = await scene.group({ MinSize: 1 })
    expect(await scene.refusal(set(scene, name, 0))).toEqual(
      invalid('New SetDesiredCapacity value 0 is below min value 1 for the AutoScalingGroup.'),
    )
  },
)

row(
  {
    status: 'model',
    source: 'botocore autoscaling',
    says: 'desired changes at once, and the answer carries no activity',
  },
  async (scene) => {
    const { name } = await scene.group()
    const { $metadata, ...answer } = await set(scene, name, 1)
    expect([$metadata.httpStatusCode, answer]).toEqual([200, {}])
    expect(await scene.sizes(name)).toEqual([0, 4, 1])
  },
)

row(
  {
    status: 'trace',
    source: 'TwiN/aws-eks-asg-rolling-update-handler#16',
    says: 'with HonorCooldown an activity in progress blocks it; without, which is the default, it does not',
  },
  async (scene) => {
    const { name } = await scene.group()
    await putLaunchHook(scene, name)
    await scene.launch(name, 1, 'Pending:Wait')
    const refused = await scene.refusal(set(scene, name, 2, true))
    expect(refused).toMatchObject({ code: 'ScalingActivityInProgress', status: 400 })
    expect(refused.message).toMatch(/^Scaling activity [0-9a-f-]{36} is in progress and blocks this action$/)
    await set(scene, name, 2)
    expect(await scene.sizes(name)).toEqual([0, 4, 2])
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, ec2-auto-scaling-lifecycle',
    says: 'scale-in drains first, then runs the termination hook, then ends the instance',
  },
  async (scene) => {
    const arn = await targetGroup(scene, { drainS: 30 })
    const { name, ids } = await scene.group({ DesiredCapacity: 1, TargetGroupARNs: [arn] })
    await putTerminationHook(scene, name, { HeartbeatTimeout: 30 })
    await set(scene, name, 0)
    await scene.reach(name, ids, 'Terminating', 120)
    expect((await health(scene, arn)).get(ids[0] ?? '')).toBe('draining Target.DeregistrationInProgress')
    await scene.reach(name, ids, 'Terminating:Wait', 120)
    expect(await health(scene, arn)).toEqual(new Map())
    await scene.until('its end', async () => (await scene.states(name)).size === 0, 300)
    const [activity] = await scene.activities(name)
    expect(activity?.Cause).toMatch(
      /an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from 1 to 0\. {2}At \S+Z instance i-\w+ was selected for termination\.$/,
    )
  },
)

row(
  { status: 'documented', source: protection, says: 'scale-in takes unprotected instances only' },
  async (scene) => {
    const { name, of, ids } = await scene.group({ DesiredCapacity: 2 })
    const protect = { ...of, InstanceIds: ids.slice(0, 1), ProtectedFromScaleIn: true }
    await scene.place.autoScaling.send(new SetInstanceProtectionCommand(protect))
    await set(scene, name, 0)
    await scene.until('one left', async () => (await scene.states(name)).size === 1, 600)
    await scene.place.advance(60)
    expect(await scene.idsIn(name, 'InService')).toEqual(ids.slice(0, 1))
  },
)

row(
  {
    status: 'documented',
    source: protection,
    says: 'where all are protected desired falls, nothing is ended, and an activity says so',
  },
  async (scene) => {
    const { name, of, ids } = await scene.group({ DesiredCapacity: 1 })
    await scene.place.autoScaling.send(
      new SetInstanceProtectionCommand({ ...of, InstanceIds: ids, ProtectedFromScaleIn: true }),
    )
    await set(scene, name, 0)
    const said = async () => (await scene.activities(name)).map((one) => one.Description)
    await scene.until('the activity', async () => (await said()).length > 1, 300)
    expect(await said()).toContain(
      'Could not scale to desired capacity because all remaining instances are protected from scale-in',
    )
    expect(await scene.sizes(name)).toEqual([0, 4, 0])
    expect(await scene.idsIn(name, 'InService')).toEqual(ids)
  },
)

row(
  {
    status: 'documented',
    source: policies,
    says: 'by default the oldest launch template version goes first',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    await scene.place.ec2.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateName: await scene.template(),
        SourceVersion: '1',
        LaunchTemplateData: {},
      }),
    )
    await set(scene, name, 2)
    await scene.until('two', async () => (await scene.idsIn(name, 'InService')).length === 2, 600)
    await set(scene, name, 1)
    await scene.until('one', async () => (await scene.states(name)).size === 1, 900)
    expect(await scene.idsIn(name, 'InService')).not.toContain(ids[0])
  },
)

row(
  {
    status: 'trace',
    source: 'kubernetes/autoscaler and others count them so',
    says: 'an instance that is still Pending counts: nothing more is launched for it',
  },
  async (scene) => {
    const { name } = await scene.group()
    await putLaunchHook(scene, name)
    await scene.launch(name, 1, 'Pending:Wait')
    await scene.place.advance(120)
    expect([...(await scene.states(name)).values()]).toEqual(['Pending:Wait'])
  },
)

for (const [policy, stays] of [
  ['OldestInstance', 'the newer'],
  ['NewestInstance', 'the older'],
] as const)
  row(
    { status: 'documented', source: policies, says: `with ${policy} ${stays} instance stays` },
    async (scene) => {
      const [zone] = Object.values(scene.place.zones).flat()
      const where =
        scene.place.kind === 'local'
          ? { AvailabilityZones: [String(zone)] }
          : { VPCZoneIdentifier: String(scene.place.subnets[0]) }
      const { name, ids } = await scene.group({ DesiredCapacity: 1, TerminationPolicies: [policy], ...where })
      await set(scene, name, 2)
      await scene.until('two', async () => (await scene.idsIn(name, 'InService')).length === 2, 600)
      await set(scene, name, 1)
      await scene.until('one', async () => (await scene.states(name)).size === 1, 900)
      expect((await scene.idsIn(name, 'InService'))[0] === ids[0]).toBe(stays === 'the older')
    },
  )
