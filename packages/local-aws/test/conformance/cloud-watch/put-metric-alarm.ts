import { expect } from 'vitest'
import { alarm, definition, find, put, ring } from '../support/alarm.ts'
import { operation } from '../support/row.ts'

const { row } = operation('CloudWatch', 'PutMetricAlarm')
const model = 'cloudwatch 2010-08-01, PutMetricAlarm'

row({ status: 'model', source: model, says: 'a new alarm has insufficient data' }, async (scene) => {
  const name = await alarm(scene)
  expect(await find(scene, name)).toMatchObject({ ...definition, StateValue: 'INSUFFICIENT_DATA' })
})

row(
  { status: 'model', source: model, says: 'again it overwrites the whole definition and leaves the state' },
  async (scene) => {
    const name = await alarm(scene, { AlarmDescription: 'first', ActionsEnabled: false })
    await ring(scene, name, 'ALARM')
    await put(scene, name, { Threshold: 80 })
    const found = await find(scene, name)
    expect(found).toMatchObject({ Threshold: 80, ActionsEnabled: true, StateValue: 'ALARM' })
    expect(found?.AlarmDescription).toBeUndefined()
  },
)

row({ status: 'model', source: model, says: 'at most five actions for each state' }, async (scene) => {
  const topics = ['a', 'b', 'c', 'd', 'e'].map((one) => `arn:aws:sns:us-east-1:123456789012:${one}`)
  const name = await alarm(scene, { AlarmActions: topics, ActionsEnabled: false })
  const six = { AlarmActions: [...topics, 'arn:aws:sns:us-east-1:123456789012:f'] }
  expect(await scene.refusal(put(scene, name, six))).toMatchObject({
    code: 'ValidationError',
    status: 400,
  })
})

row(
  { status: 'model', source: model, says: 'the two kinds of statistic exclude each other' },
  async (scene) => {
    const name = await alarm(scene)
    expect(await scene.refusal(put(scene, name, { ExtendedStatistic: 'p99' }))).toMatchObject({ status: 400 })
  },
)

row(
  {
    status: 'model',
    source: model,
    says: 'an alarm on several metrics takes none of a single one beside them',
  },
  async (scene) => {
    const name = await alarm(scene)
    const Metrics = [
      {
        Id: 'one',
        ReturnData: true,
        MetricStat: { Metric: { Namespace: 'conformance', MetricName: 'none' }, Period: 60, Stat: 'Sum' },
      },
    ]
    expect(await scene.refusal(put(scene, name, { Metrics }))).toMatchObject({ status: 400 })
    const none = { Namespace: undefined, MetricName: undefined, Statistic: undefined, Period: undefined }
    await put(scene, name, { Metrics, ...none })
    expect(await find(scene, name)).toMatchObject({ Metrics })
  },
)
