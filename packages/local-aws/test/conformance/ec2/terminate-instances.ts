import {
  DescribeInstancesCommand,
  ModifyInstanceAttributeCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { stranger } from '../support/refused.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('EC2', 'TerminateInstances')
const model = 'ec2 2016-11-15, TerminateInstances'
const terminate = ({ place }: Scene, InstanceIds: string[], DryRun = false) =>
  place.ec2.send(new TerminateInstancesCommand({ InstanceIds, DryRun }))

async function stateOf({ place }: Scene, id: string): Promise<string | undefined> {
  const { Reservations } = await place.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }))
  return Reservations?.[0]?.Instances?.[0]?.State?.Name
}

row(
  { status: 'model', source: model, says: 'tells the states before and after, and again changes nothing' },
  async (scene) => {
    const { ids } = await scene.group({ DesiredCapacity: 1 })
    const first = await terminate(scene, ids)
    expect(first.TerminatingInstances).toEqual([
      {
        InstanceId: ids[0],
        PreviousState: { Code: 16, Name: 'running' },
        CurrentState: { Code: 32, Name: 'shutting-down' },
      },
    ])
    const again = await terminate(scene, ids)
    expect(again.TerminatingInstances?.[0]?.PreviousState?.Name).toMatch(/^(?:shutting-down|terminated)$/)
  },
)

row({ status: 'model', source: model, says: 'one id that is nobody saves all' }, async (scene) => {
  const { ids } = await scene.group({ DesiredCapacity: 1 })
  const [id = ''] = ids
  expect(await scene.refusal(terminate(scene, [id, stranger]))).toMatchObject({
    code: 'InvalidInstanceID.NotFound',
    status: 400,
  })
  expect(await stateOf(scene, id)).toBe('running')
})

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, ec2-auto-scaling-health-checks',
    says: 'an instance in service of a group is found unhealthy and replaced',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    await terminate(scene, ids)
    await scene.until(
      'replaced',
      async () => {
        const serving = await scene.idsIn(name, 'InService')
        return serving.length === 1 && serving[0] !== ids[0]
      },
      900,
    )
  },
)

/** A group whose instances are protected from termination; the protection is lifted when the scene ends. */
async function protectedGroup(scene: Scene): Promise<{ name: string; id: string }> {
  await scene.refineTemplate({ DisableApiTermination: true })
  const { name, ids } = await scene.group({ DesiredCapacity: 1 })
  const [id = ''] = ids
  scene.cleanUp.add(`protection of ${id}`, () =>
    scene.place.ec2.send(
      new ModifyInstanceAttributeCommand({ InstanceId: id, DisableApiTermination: { Value: false } }),
    ),
  )
  return { name, id }
}

row(
  {
    status: 'trace',
    source: 'recorded in many issue threads',
    says: 'a protected instance is not ended, and the sentence names what to change',
  },
  async (scene) => {
    const { id } = await protectedGroup(scene)
    expect(await scene.refusal(terminate(scene, [id]))).toEqual({
      code: 'OperationNotPermitted',
      status: 400,
      message: `The instance '${id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    })
    expect(await stateOf(scene, id)).toBe('running')
  },
)

row(
  {
    status: 'documented',
    source: 'EC2 user guide, termination protection',
    says: 'the protection does not keep Auto Scaling from ending the instance',
  },
  async (scene) => {
    const { name, id } = await protectedGroup(scene)
    await scene.desire(name, 0)
    await scene.until('ended', async () => (await stateOf(scene, id)) === 'terminated', 600)
  },
)

row(
  {
    status: 'model',
    source: model,
    says: 'a dry run of what is allowed is 412 DryRunOperation, and does nothing',
  },
  async (scene) => {
    const { ids } = await scene.group({ DesiredCapacity: 1 })
    expect(await scene.refusal(terminate(scene, ids, true))).toMatchObject({
      code: 'DryRunOperation',
      status: 412,
    })
    expect(await stateOf(scene, ids[0] ?? '')).toBe('running')
  },
)
