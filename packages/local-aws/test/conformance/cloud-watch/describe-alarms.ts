import {
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandInput,
} from '@aws-sdk/client-cloudwatch'
import { expect } from 'vitest'
import { alarm } from '../support/alarm.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('CloudWatch', 'DescribeAlarms')
const deletion = operation('CloudWatch', 'DeleteAlarms')
const model = 'cloudwatch 2010-08-01, DescribeAlarms'

async function names({ place }: Scene, asked: DescribeAlarmsCommandInput): Promise<string[]> {
  const { MetricAlarms = [] } = await place.cloudWatch.send(new DescribeAlarmsCommand(asked))
  return MetricAlarms.map(({ AlarmName }) => AlarmName ?? '')
}

row({ status: 'model', source: model, says: 'a name that is nobody is no error' }, async (scene) => {
  const name = await alarm(scene)
  expect(await names(scene, { AlarmNames: [name, `${name}-none`] })).toEqual([name])
})

row(
  { status: 'model', source: model, says: 'alarms are found by prefix, or by the action they run' },
  async (scene) => {
    const topic = `arn:aws:sns:us-east-1:123456789012:${scene.name()}`
    const name = await alarm(scene, { AlarmActions: [topic], ActionsEnabled: false })
    await alarm(scene)
    expect(await names(scene, { AlarmNamePrefix: name })).toContain(name)
    expect(await names(scene, { ActionPrefix: topic })).toEqual([name])
  },
)

row(
  { status: 'model', source: model, says: 'at most 100 names, and pages of at most 100' },
  async (scene) => {
    const name = await alarm(scene)
    const many = Array.from({ length: 101 }, (_, one) => `${name}-${one}`)
    expect(await scene.refusal(names(scene, { AlarmNames: many }))).toMatchObject({ status: 400 })
    expect(await scene.refusal(names(scene, { MaxRecords: 101 }))).toMatchObject({ status: 400 })
    await names(scene, { MaxRecords: 100 })
  },
)

row(
  { status: 'model', source: model, says: 'tells of metric alarms alone, unless other types are named' },
  async (scene) => {
    const name = await alarm(scene)
    const asked = { AlarmNamePrefix: name, AlarmTypes: ['CompositeAlarm' as const] }
    expect(await names(scene, asked)).toEqual([])
  },
)

deletion.row(
  {
    status: 'model',
    source: 'cloudwatch 2010-08-01, DeleteAlarms',
    says: 'an alarm that is not there is ResourceNotFound with 404, and the others are deleted all the same',
  },
  async (scene) => {
    const name = await alarm(scene)
    const both = new DeleteAlarmsCommand({ AlarmNames: [name, `${name}-none`] })
    expect(await scene.refusal(scene.place.cloudWatch.send(both))).toMatchObject({
      code: 'ResourceNotFound',
      status: 404,
    })
    expect(await names(scene, { AlarmNames: [name] })).toEqual([])
  },
)
