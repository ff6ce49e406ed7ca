import { DescribeAlarmsCommand, PutMetricAlarmCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch'
import type { AlarmDefinition } from '@switchover/contract/scaling'
import { alarmSettings } from '@switchover/contract/scaling-settings'
import type { AwsClients } from './clients.ts'

/** As many as one call takes by name, and one answer holds (API reference, DescribeAlarms). */
const namesPerCall = 100

/** These metric alarms as PutMetricAlarm takes them; one that does not exist is left out. */
export async function readDefinitions(
  { cloudWatch }: Pick<AwsClients, 'cloudWatch'>,
  names: readonly string[],
): Promise<AlarmDefinition[]> {
  const definitions: AlarmDefinition[] = []
  for (let start = 0; start < names.length; start += namesPerCall) {
    const { MetricAlarms = [] } = await cloudWatch.send(
      new DescribeAlarmsCommand({
        AlarmNames: names.slice(start, start + namesPerCall),
        MaxRecords: namesPerCall,
      }),
    )
    definitions.push(...MetricAlarms.map(toDefinition))
  }
  return definitions
}

function toDefinition(raw: MetricAlarm): AlarmDefinition {
  return { name: raw.AlarmName ?? '', settings: alarmSettings(raw) }
}

/** Overwrites the whole alarm; its state stays, and so do its tags, which are not sent (API reference, PutMetricAlarm). */
export function putAlarmCommand({ name, settings }: AlarmDefinition): PutMetricAlarmCommand {
  return new PutMetricAlarmCommand({ ...settings, AlarmName: name })
}
