import type { PolicyDefinition, Settings } from './scaling.ts'

/** What PutScalingPolicy takes for each type; it refuses fields of the others. */
const policyFields: Readonly<Record<PolicyDefinition['type'], readonly string[]>> = {
  SimpleScaling: ['AdjustmentType', 'MinAdjustmentMagnitude', 'ScalingAdjustment', 'Cooldown', 'Enabled'],
  StepScaling: [
    'AdjustmentType',
    'MinAdjustmentMagnitude',
    'StepAdjustments',
    'MetricAggregationType',
    'EstimatedInstanceWarmup',
    'Enabled',
  ],
  TargetTrackingScaling: ['TargetTrackingConfiguration', 'EstimatedInstanceWarmup', 'Enabled'],
  PredictiveScaling: ['PredictiveScalingConfiguration'],
}

/** What DescribeAlarms says and PutMetricAlarm does not take (CloudWatch API reference). */
const alarmReadOnly: readonly string[] = [
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

/** An alarm has one metric or several queries, and refuses to be given both (CloudWatch API reference, PutMetricAlarm). */
const ofOneMetric: readonly string[] = [
  'MetricName',
  'Namespace',
  'Statistic',
  'ExtendedStatistic',
  'Period',
  'Unit',
  'Dimensions',
]

/**
 * Of a policy as DescribePolicies answers, only what PutScalingPolicy takes: not MinAdjustmentStep, a twin of old, and no
 * empty list.
 */
export function policySettings(type: PolicyDefinition['type'], raw: object): Settings {
  const described: Readonly<Record<string, unknown>> = { ...raw }
  const settings: Settings = {}
  for (const field of policyFields[type]) {
    const value = described[field]
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue
    if (field === 'MinAdjustmentMagnitude' && described['AdjustmentType'] !== 'PercentChangeInCapacity')
      continue
    settings[field] = plain(value)
  }
  return settings
}

/** Of an alarm as DescribeAlarms answers, only what PutMetricAlarm takes. */
export function alarmSettings(raw: object): Settings {
  const described: Readonly<Record<string, unknown>> = { ...raw }
  const queries = described['Metrics']
  const left =
    Array.isArray(queries) && queries.length > 0
      ? [...alarmReadOnly, ...ofOneMetric]
      : [...alarmReadOnly, 'Metrics']
  const settings: Settings = {}
  for (const [key, value] of Object.entries(described))
    if (value !== undefined && !left.includes(key)) settings[key] = plain(value)
  return settings
}

/** A value the SDK answered with as JSON holds it: without fields that are undefined. */
function plain(value: unknown): Settings[string] {
  return JSON.parse(JSON.stringify(value)) as Settings[string]
}
