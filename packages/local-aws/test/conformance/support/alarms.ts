import {
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch'
import type { Scene } from './scene.ts'

/** An alarm on a metric nobody sends, so that it rings only when told to. Returns its name. */
export async function alarm(scene: Scene, ...AlarmActions: (string | undefined)[]): Promise<string> {
  const { cloudWatch } = scene.place
  const AlarmName = scene.name()
  scene.cleanUp.add(`alarm ${AlarmName}`, () =>
    cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [AlarmName] })),
  )
  await cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName,
      Namespace: 'conformance',
      MetricName: AlarmName,
      Statistic: 'Average',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 70,
      ComparisonOperator: 'GreaterThanThreshold',
      AlarmActions: AlarmActions.flatMap((arn) => arn ?? []),
    }),
  )
  return AlarmName
}

/** Sets its state, which has actions run as if it had come by itself. */
export async function ring(
  { place }: Scene,
  AlarmName: string,
  StateValue: 'ALARM' | 'OK' = 'ALARM',
): Promise<void> {
  const StateReason = 'conformance'
  await place.cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason }))
}

export async function alarmNamed({ place }: Scene, name: string): Promise<MetricAlarm | undefined> {
  return (await place.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }))).MetricAlarms?.[0]
}
