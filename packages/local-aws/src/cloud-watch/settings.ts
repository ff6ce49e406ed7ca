import { decimal, flag, memberName, need, needInteger, text, texts } from '../input.ts'
import { readShape, type Shape } from '../shape.ts'
import { AwsError, type Input } from '../wire/operation.ts'
import type { AlarmSettings } from './alarm.ts'

const dimensions = { row: { Name: 'text', Value: 'text' } } as const

/** One metric or expression of an alarm, of a target tracking or of a predictive policy. */
export const metricQuery = {
  Id: 'text',
  Expression: 'text',
  Label: 'text',
  ReturnData: 'flag',
  Period: 'integer',
  AccountId: 'text',
  MetricStat: {
    of: {
      Metric: { of: { Namespace: 'text', MetricName: 'text', Dimensions: dimensions } },
      Period: 'integer',
      Stat: 'text',
      Unit: 'text',
    },
  },
} as const satisfies Shape

const singleMetric = {
  MetricName: 'text',
  Namespace: 'text',
  Statistic: 'text',
  ExtendedStatistic: 'text',
  Dimensions: dimensions,
  Period: 'integer',
  Unit: 'text',
} as const satisfies Shape

const evaluation = {
  AlarmDescription: 'text',
  EvaluationPeriods: 'integer',
  DatapointsToAlarm: 'integer',
  Threshold: 'decimal',
  ComparisonOperator: 'text',
  TreatMissingData: 'text',
  EvaluateLowSampleCountPercentile: 'text',
  ThresholdMetricId: 'text',
} as const satisfies Shape

const comparisons = new Set([
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
  'LessThanLowerOrGreaterThanUpperThreshold',
  'LessThanLowerThreshold',
  'GreaterThanUpperThreshold',
])

/** What a PutMetricAlarm asks for. @throws {AwsError} as PutMetricAlarm refuses it. */
export function readAlarmSettings(input: Input): AlarmSettings {
  const comparison = need(input, 'ComparisonOperator')
  if (!comparisons.has(comparison))
    throw new AwsError('ValidationError', `ComparisonOperator ${comparison} is not valid`)
  if (needInteger(input, 'EvaluationPeriods') < 1)
    throw new AwsError('ValidationError', 'EvaluationPeriods must be at least 1')
  const metric = readMetric(input)
  if (decimal(input, 'Threshold') === undefined && text(input, 'ThresholdMetricId') === undefined)
    throw new AwsError('MissingParameter', 'The parameter Threshold is required.')
  return {
    actionsEnabled: flag(input, 'ActionsEnabled') ?? true,
    actions: {
      OK: readActions(input, 'OKActions'),
      ALARM: readActions(input, 'AlarmActions'),
      INSUFFICIENT_DATA: readActions(input, 'InsufficientDataActions'),
    },
    definition: { ...readShape(input, evaluation), ...metric },
  }
}

/** One metric, or several under Metrics; not both, nor both kinds of statistic (API reference, PutMetricAlarm). */
function readMetric(input: Input) {
  const single = readShape(input, singleMetric)
  const { Metrics: metrics } = readShape(input, { Metrics: { row: metricQuery } })
  if (Array.isArray(metrics) && metrics.length > 0) {
    const both = Object.keys(single).find((name) => name !== 'Unit' && !isEmpty(single[name]))
    if (both === undefined) return { Metrics: metrics }
    throw new AwsError(
      'InvalidParameterCombination',
      `The parameters Metrics and ${both} cannot be used together.`,
    )
  }
  for (const name of ['MetricName', 'Namespace', 'Period'])
    if (isEmpty(single[name]))
      throw new AwsError('MissingParameter', `The parameter ${name} is required for an alarm on one metric.`)
  const statistics = ['Statistic', 'ExtendedStatistic'].filter((name) => !isEmpty(single[name]))
  if (statistics.length === 0)
    throw new AwsError('MissingParameter', 'Either Statistic or ExtendedStatistic is required.')
  if (statistics.length === 2)
    throw new AwsError(
      'InvalidParameterCombination',
      'The parameters Statistic and ExtendedStatistic cannot be used together.',
    )
  return { ...single, Dimensions: single['Dimensions'] ?? [] }
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
}

const actionsMax = 5

function readActions(input: Input, name: string): string[] {
  const actions = texts(input, name)
  if (actions.length <= actionsMax) return actions
  throw new AwsError(
    'ValidationError',
    `1 validation error detected: Value '[${actions.join(', ')}]' at '${memberName(name)}' failed to satisfy constraint: Member must have length less than or equal to ${actionsMax}`,
  )
}
