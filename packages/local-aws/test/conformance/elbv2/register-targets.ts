import { TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import {
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { expect } from 'vitest'
import { targetGroup } from '../support/balancing.ts'
import { oneTarget } from '../support/one-target.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row, assumed } = operation('ELBv2', 'RegisterTargets')
const model = 'elbv2 2015-12-01, RegisterTargets'

/** A target that can still be named and does not run any more. */
async function ended(scene: Scene) {
  const { Id, register } = await oneTarget(scene)
  await scene.place.ec2.send(new TerminateInstancesCommand({ InstanceIds: [Id] }))
  await scene.until('gone', async () => (await scene.refusal(register())).code !== '', 300)
  return { Id, refused: await scene.refusal(register()) }
}

row(
  { status: 'model', source: model, says: 'an instance that does not run is InvalidTarget' },
  async (scene) => {
    const { refused } = await ended(scene)
    expect(refused).toMatchObject({ code: 'InvalidTarget', status: 400 })
  },
)

assumed(
  {
    source: 'text from emulators of the API',
    says: 'what is said of an instance that does not run',
    here: "The following targets are not in a running state and cannot be registered: 'ID'",
  },
  async (scene) => {
    const { Id, refused } = await ended(scene)
    return refused.message.replaceAll(Id, 'ID')
  },
)

row({ status: 'model', source: model, says: 'an id that is nobody is InvalidTarget' }, async (scene) => {
  const TargetGroupArn = await targetGroup(scene, { listener: false })
  const asked = new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: 'i-0123456789abcdef0' }] })
  expect(await scene.refusal(scene.place.elb.send(asked))).toMatchObject({
    code: 'InvalidTarget',
    status: 400,
  })
})

row(
  {
    status: 'trace',
    source: 'many callers register again on each run',
    says: 'a healthy target that is registered again stays healthy',
  },
  async (scene) => {
    const { register, reach, state } = await oneTarget(scene)
    await register()
    await reach('healthy')
    await register()
    expect(await state()).toBe('healthy')
  },
)

row(
  { status: 'model', source: model, says: 'a draining target that is registered again is taken back' },
  async (scene) => {
    const { register, deregister, reach, state } = await oneTarget(scene, { drainS: 300 })
    await register()
    await reach('healthy')
    await deregister()
    await reach('draining')
    await register()
    await reach('healthy', 120)
    expect(await state()).toBe('healthy')
  },
)

assumed(
  {
    source: 'the guide tells of new targets only',
    says: 'what a target that is taken back from draining needs to be healthy',
    here: 'the healthy threshold',
  },
  async (scene) => {
    const { register, deregister, reach } = await oneTarget(scene, {
      drainS: 300,
      settings: { HealthyThresholdCount: 6 },
    })
    await register()
    await reach('healthy')
    await deregister()
    await reach('draining')
    await register()
    return (await reach('healthy', 120)) > 22 ? 'the healthy threshold' : 'one good check'
  },
)

row(
  { status: 'model', source: model, says: 'a port of its own goes before that of the group' },
  async (scene) => {
    const { register, TargetGroupArn, Id } = await oneTarget(scene)
    await register(8_081)
    const { TargetHealthDescriptions } = await scene.place.elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn }),
    )
    expect(TargetHealthDescriptions).toMatchObject([{ Target: { Id, Port: 8_081 }, HealthCheckPort: '8081' }])
  },
)
