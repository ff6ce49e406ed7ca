import {
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
  type MetricAlarm,
  type PutMetricAlarmCommandInput,
  type StateValue,
} from '@aws-sdk/client-cloudwatch'
import type { Scene } from './scene.ts'

type Settings = Partial<PutMetricAlarmCommandInput>

/** Of a metric nobody sends. */
export const definition = {
  Namespace: 'conformance',
  MetricName: 'none',
  Statistic: 'Average',
  Period: 300,
  EvaluationPeriods: 1,
  Threshold: 70.5,
  ComparisonOperator: 'GreaterThanThreshold',
} satisfies Settings

export function put({ place }: Scene, AlarmName: string, settings: Settings = {}) {
  return place.cloudWatch.send(new PutMetricAlarmCommand({ AlarmName, ...definition, ...settings }))
}

/** An alarm of the scene's own. Returns its name. */
export async function alarm(scene: Scene, settings: Settings = {}): Promise<string> {
  const name = scene.name()
  await put(scene, name, settings)
  scene.cleanUp.add(`alarm ${name}`, async () => {
    if (await find(scene, name))
      await scene.place.cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [name] }))
  })
  return name
}

export async function find({ place }: Scene, name: string): Promise<MetricAlarm | undefined> {
  const { MetricAlarms } = await place.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }))
  return MetricAlarms?.[0]
}

export function ring({ place }: Scene, AlarmName: string, StateValue: StateValue) {
  return place.cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'by hand' }))
}
