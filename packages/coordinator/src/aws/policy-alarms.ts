import { DescribeAlarmsCommand, PutMetricAlarmCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch'
import type { AlarmDefinition, Settings } from '@switchover/contract/scaling'
import type { AwsClients } from './clients.ts'
import { plain } from './plain.ts'

/** As many as one call takes by name, and one answer holds (aws.md 6.2). */
const namesPerCall = 100

/** What DescribeAlarms says and PutMetricAlarm does not take (aws.md 6.2). */
const readOnly: readonly string[] = [
  'AlarmName',
  'AlarmArn',
  'AlarmConfigurationUpdatedTimestamp',
  'StateValue',
  'StateReason',
  'StateReasonData',
  'StateUpdatedTimestamp',
  'StateTransitionedTimestamp',
  'EvaluationState',
]

/** An alarm has one metric or several queries, and refuses to be given both (aws.md 6.2). */
const ofOneMetric: readonly string[] = [
  'MetricName',
  'Namespace',
  'Statistic',
  'ExtendedStatistic',
  'Period',
  'Unit',
  'Dimensions',
]

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
  const left = raw.Metrics?.length ? [...readOnly, ...ofOneMetric] : [...readOnly, 'Metrics']
  const taken = Object.entries(raw).filter(([key, value]) => value !== undefined && !left.includes(key))
  const settings: Settings = {}
  for (const [key, value] of taken) settings[key] = plain(value)
  return { name: raw.AlarmName ?? '', settings }
}

/** Overwrites the whole alarm; its state stays, and so do its tags, which are not sent (aws.md 6.2). */
export function putAlarmCommand({ name, settings }: AlarmDefinition): PutMetricAlarmCommand {
  return new PutMetricAlarmCommand({ ...settings, AlarmName: name })
}
