import { DescribeInstancesCommand, TerminateInstancesCommand, type Instance } from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { stranger } from '../support/refused.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('EC2', 'DescribeInstances')
const model = 'ec2 2016-11-15, DescribeInstances'

async function find({ place }: Scene, ...InstanceIds: string[]): Promise<Instance[]> {
  const { Reservations = [] } = await place.ec2.send(new DescribeInstancesCommand({ InstanceIds }))
  return Reservations.flatMap(({ Instances = [] }) => Instances)
}

row(
  {
    status: 'model',
    source: 'ec2 2016-11-15, waiter InstanceExists',
    says: 'an id that is nobody is InvalidInstanceID.NotFound, which names it',
  },
  async (scene) => {
    expect(await scene.refusal(find(scene, stranger))).toEqual({
      code: 'InvalidInstanceID.NotFound',
      status: 400,
      message: `The instance ID '${stranger}' does not exist`,
    })
  },
)

row(
  {
    status: 'documented',
    source: 'EC2 API reference, error codes',
    says: 'what is no id is InvalidInstanceID.Malformed',
  },
  async (scene) => {
    expect(await scene.refusal(find(scene, 'web'))).toMatchObject({
      code: 'InvalidInstanceID.Malformed',
      status: 400,
    })
  },
)

row(
  { status: 'model', source: model, says: 'one id that is nobody fails the call for all' },
  async (scene) => {
    const { ids } = await scene.group({ DesiredCapacity: 1 })
    expect(await scene.refusal(find(scene, ids[0] ?? '', stranger))).toMatchObject({
      code: 'InvalidInstanceID.NotFound',
    })
  },
)

row({ status: 'model', source: model, says: 'ids and MaxResults exclude each other' }, async (scene) => {
  const { ids } = await scene.group({ DesiredCapacity: 1 })
  const both = new DescribeInstancesCommand({ InstanceIds: ids, MaxResults: 5 })
  expect(await scene.refusal(scene.place.ec2.send(both))).toMatchObject({
    code: 'InvalidParameterCombination',
    status: 400,
  })
})

row(
  {
    status: 'model',
    source: 'ec2 2016-11-15, InstanceState',
    says: 'states have codes: pending 0, running 16, shutting-down 32, terminated 48',
  },
  async (scene) => {
    const { ids } = await scene.group({ DesiredCapacity: 1 })
    const seen = new Set<string>()
    const look = async () => {
      const [instance] = await find(scene, ...ids)
      seen.add(`${instance?.State?.Name} ${instance?.State?.Code}`)
      return instance?.State?.Name === 'terminated'
    }
    await look()
    await scene.place.ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }))
    await scene.until('terminated', look, 300)
    expect([...seen]).toEqual(['running 16', 'shutting-down 32', 'terminated 48'])
  },
)

row(
  {
    status: 'model',
    source: model,
    says: 'a terminated instance is listed for about an hour',
    local: 'an account would be kept waiting',
  },
  async (scene) => {
    const { ids } = await scene.group({ DesiredCapacity: 1 })
    await scene.place.ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }))
    await scene.place.advance(50 * 60)
    expect(await find(scene, ...ids)).toMatchObject([{ State: { Name: 'terminated' } }])
    await scene.place.advance(20 * 60)
    expect(await scene.refusal(find(scene, ...ids))).toMatchObject({ code: 'InvalidInstanceID.NotFound' })
  },
)
