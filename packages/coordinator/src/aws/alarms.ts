import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import type { Alarm } from '../decide/world.ts'
import type { AwsClients } from './clients.ts'

/** As many as one call takes by name, and one answer holds (API reference, DescribeAlarms). */
const namesPerCall = 100

/** State of each of these alarms, metric or composite, by name; one that does not exist is absent. */
export async function readAlarms(
  { cloudWatch }: Pick<AwsClients, 'cloudWatch'>,
  names: readonly string[],
): Promise<ReadonlyMap<string, Alarm>> {
  const alarms = new Map<string, Alarm>()
  for (let start = 0; start < names.length; start += namesPerCall) {
    const { MetricAlarms = [], CompositeAlarms = [] } = await cloudWatch.send(
      new DescribeAlarmsCommand({
        AlarmNames: names.slice(start, start + namesPerCall),
        // Left out, composite alarms are not answered.
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        MaxRecords: namesPerCall,
      }),
    )
    for (const { AlarmName, StateValue, StateReason } of [...MetricAlarms, ...CompositeAlarms]) {
      if (AlarmName === undefined || StateValue === undefined) continue
      alarms.set(AlarmName, { state: StateValue, reason: StateReason ?? 'AWS gave no reason.' })
    }
  }
  return alarms
}
