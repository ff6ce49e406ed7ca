import { DescribeInstanceStatusCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { operation } from '../support/row.ts'

const { row } = operation('EC2', 'DescribeInstanceStatus')
const model = 'ec2 2016-11-15, DescribeInstanceStatus'

row(
  { status: 'model', source: model, says: 'tells of running instances alone, unless asked for all' },
  async (scene) => {
    const { ids } = await scene.group({ DesiredCapacity: 1 })
    const ask = async (IncludeAllInstances: boolean) => {
      const asked = new DescribeInstanceStatusCommand({ InstanceIds: ids, IncludeAllInstances })
      return (await scene.place.ec2.send(asked)).InstanceStatuses ?? []
    }
    expect(await ask(false)).toMatchObject([{ InstanceState: { Name: 'running' } }])
    await scene.place.ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }))
    await scene.until('none is running', async () => (await ask(false)).length === 0, 120)
    expect(await ask(true)).toMatchObject([{ InstanceStatus: { Status: 'not-applicable' } }])
  },
)

row(
  {
    status: 'model',
    source: 'ec2 2016-11-15, SummaryStatus',
    says: 'the checks of a running instance are ok, or not done yet',
  },
  async (scene) => {
    const { ids } = await scene.group({ DesiredCapacity: 1 })
    const asked = new DescribeInstanceStatusCommand({ InstanceIds: ids })
    const [status] = (await scene.place.ec2.send(asked)).InstanceStatuses ?? []
    for (const check of [status?.InstanceStatus, status?.SystemStatus])
      expect(check?.Status).toMatch(/^(?:ok|initializing)$/)
  },
)

row({ status: 'model', source: model, says: 'at most 100 ids' }, async (scene) => {
  const { ids } = await scene.group({ DesiredCapacity: 1 })
  const InstanceIds = Array.from({ length: 101 }, () => ids[0] ?? '')
  const asked = new DescribeInstanceStatusCommand({ InstanceIds })
  expect(await scene.refusal(scene.place.ec2.send(asked))).toMatchObject({ status: 400 })
})
