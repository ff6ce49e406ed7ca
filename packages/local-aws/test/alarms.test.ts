import {
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
  type DescribeAlarmsCommandInput,
  type MetricDataQuery,
  type PutMetricAlarmCommandInput,
} from '@aws-sdk/client-cloudwatch'
import { expect, test } from 'vitest'
import { handle } from '../src/in-process.ts'
import { createService, type Service } from './support/service.ts'

const busy: PutMetricAlarmCommandInput = {
  AlarmName: 'busy',
  MetricName: 'CPUUtilization',
  Namespace: 'AWS/EC2',
  Statistic: 'Average',
  Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'web-blue' }],
  Period: 60,
  EvaluationPeriods: 2,
  Threshold: 70.5,
  ComparisonOperator: 'GreaterThanThreshold',
  AlarmActions: ['arn:aws:sns:us-east-1:123456789012:ops'],
}

const put = (change: Partial<PutMetricAlarmCommandInput> = {}) =>
  new PutMetricAlarmCommand({ ...busy, ...change })
const setState = (
  StateValue: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA',
  more: Partial<SetAlarmStateCommand['input']> = {},
) => new SetAlarmStateCommand({ AlarmName: 'busy', StateValue, StateReason: 'by hand', ...more })

async function listed({ cloudWatch }: Service, asked: DescribeAlarmsCommandInput = {}) {
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand(asked))
  return MetricAlarms
}

test('a new alarm has insufficient data, and tells all that was put (API DescribeAlarms)', async () => {
  const service = await createService()
  await service.cloudWatch.send(put())
  const now = new Date(service.clock.now())
  expect(await listed(service)).toEqual([
    {
      ...busy,
      AlarmArn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:busy',
      ActionsEnabled: true,
      OKActions: [],
      InsufficientDataActions: [],
      StateValue: 'INSUFFICIENT_DATA',
      StateReason: 'Unchecked: Initial alarm creation',
      AlarmConfigurationUpdatedTimestamp: now,
      StateUpdatedTimestamp: now,
      StateTransitionedTimestamp: now,
    },
  ])
})

test('an alarm on an expression keeps its metrics', async () => {
  const service = await createService()
  const Metrics: MetricDataQuery[] = [
    { Id: 'rate', Expression: 'hits / 60', ReturnData: true },
    {
      Id: 'hits',
      ReturnData: false,
      MetricStat: {
        Metric: { Namespace: 'Web', MetricName: 'Hits', Dimensions: busy.Dimensions },
        Period: 60,
        Stat: 'Sum',
      },
    },
  ]
  const { AlarmName, ComparisonOperator, EvaluationPeriods, Threshold } = busy
  const alarm = { AlarmName, ComparisonOperator, EvaluationPeriods, Threshold, Metrics }
  await service.cloudWatch.send(new PutMetricAlarmCommand(alarm))
  const [found] = await listed(service)
  expect(found).toMatchObject({ Metrics })
  expect(found).not.toHaveProperty('MetricName')
})

test.each([
  {
    change: { Metrics: [{ Id: 'a', Expression: 'b' }] },
    refused: 'The parameters Metrics and MetricName cannot be used together.',
  },
  {
    change: { ExtendedStatistic: 'p99' },
    refused: 'The parameters Statistic and ExtendedStatistic cannot be used together.',
  },
  { change: { Statistic: undefined }, refused: 'Either Statistic or ExtendedStatistic is required.' },
  { change: { Period: undefined }, refused: 'The parameter Period is required' },
  { change: { EvaluationPeriods: 0 }, refused: 'EvaluationPeriods must be at least 1' },
  { change: { Threshold: undefined }, refused: 'The parameter Threshold is required.' },
  {
    change: { OKActions: Array.from({ length: 6 }, (_, n) => `arn:${n}`) },
    refused: "at 'oKActions' failed to satisfy constraint: Member must have length less than or equal to 5",
  },
  { change: { AlarmName: 'x'.repeat(256) }, refused: 'length less than or equal to 255' },
])('is refused: $refused', async ({ change, refused }) => {
  const service = await createService()
  await expect(service.cloudWatch.send(put(change as Partial<PutMetricAlarmCommandInput>))).rejects.toThrow(
    refused,
  )
  expect(await listed(service)).toEqual([])
})

test('alarms are found by name, prefix, action and state; no composite ones are here', async () => {
  const service = await createService()
  const { cloudWatch } = service
  for (const AlarmName of ['busy', 'busy-db', 'idle'])
    await cloudWatch.send(put({ AlarmName, AlarmActions: [`arn:${AlarmName}`] }))
  await cloudWatch.send(setState('OK'))
  const names = async (asked: DescribeAlarmsCommandInput) =>
    (await listed(service, asked)).map((one) => one.AlarmName)
  expect(await names({ AlarmNames: ['idle', 'gone'] })).toEqual(['idle'])
  expect(await names({ AlarmNamePrefix: 'busy' })).toEqual(['busy', 'busy-db'])
  expect(await names({ ActionPrefix: 'arn:busy-d' })).toEqual(['busy-db'])
  expect(await names({ StateValue: 'OK' })).toEqual(['busy'])
  expect(await names({ AlarmTypes: ['CompositeAlarm'] })).toEqual([])
  await expect(names({ AlarmNames: ['idle'], AlarmNamePrefix: 'i' })).rejects.toThrow('exclude each other')
})

test('pages hold at most 100', async () => {
  const service = await createService()
  const { cloudWatch } = service
  for (let n = 0; n < 130; n++)
    await cloudWatch.send(put({ AlarmName: `alarm-${String(n).padStart(3, '0')}` }))
  const first = await cloudWatch.send(new DescribeAlarmsCommand({ MaxRecords: 100 }))
  const second = await cloudWatch.send(new DescribeAlarmsCommand({ NextToken: first.NextToken }))
  expect([first.MetricAlarms?.length, second.MetricAlarms?.length]).toEqual([100, 30])
  expect(second.NextToken).toBeUndefined()
  await expect(cloudWatch.send(new DescribeAlarmsCommand({ MaxRecords: 101 }))).rejects.toThrow('MaxRecords')
})

test('only a change of state is a transition', async () => {
  const service = await createService()
  await service.cloudWatch.send(put())
  await service.clock.advance(60_000)
  await service.cloudWatch.send(setState('ALARM', { StateReasonData: '{"by":"hand"}' }))
  const rang = new Date(service.clock.now())
  await service.clock.advance(60_000)
  await service.cloudWatch.send(setState('ALARM'))
  expect(await listed(service)).toMatchObject([
    {
      StateReason: 'by hand',
      StateTransitionedTimestamp: rang,
      StateUpdatedTimestamp: new Date(service.clock.now()),
    },
  ])
  await expect(service.cloudWatch.send(setState('OK', { StateReasonData: 'by hand' }))).rejects.toMatchObject(
    { name: 'InvalidFormatFault' },
  )
})

test('clients from before 2025 speak the query protocol', async () => {
  const service = await createService()
  await service.cloudWatch.send(put())
  const query = async (body: string) => {
    const response = await handle(service.cloud, {
      method: 'POST',
      path: '/',
      query: '',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization:
          'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=00',
      },
      body: Buffer.from(`${body}&Version=2010-08-01`),
    })
    return { status: response.status, body: Buffer.from(response.body).toString() }
  }
  const { body } = await query('Action=DescribeAlarms&AlarmNames.member.1=busy')
  expect(body).toContain('<DescribeAlarmsResult><MetricAlarms><member><AlarmName>busy</AlarmName>')
  expect(body).toContain('<Threshold>70.5</Threshold>')
  const refused = await query('Action=DeleteAlarms&AlarmNames.member.1=gone')
  expect(refused.status).toBe(404)
  expect(refused.body).toContain('<Code>ResourceNotFound</Code>')
})
