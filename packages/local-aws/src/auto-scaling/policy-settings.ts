import { decimal, integer, need, needInteger, rows, structure, text } from '../input.ts'
import { readShape } from '../shape.ts'
import { AwsError, type Input } from '../wire/operation.ts'
import type { Group } from './group.ts'
import { adjustmentTypes, policyTypes, type Adjustment, type PolicySettings, type Step } from './policies.ts'
import { predictiveShape, targetTrackingShape } from './policy-shapes.ts'

type PolicyType = (typeof policyTypes)[number]

/**
 * Fields each type refuses (API reference, PutScalingPolicy). For target tracking AWS says only which fields it takes;
 * the wording is by analogy.
 */
const refusedFields: Readonly<Record<PolicyType, readonly string[]>> = {
  SimpleScaling: [
    'MetricAggregationType',
    'EstimatedInstanceWarmup',
    'StepAdjustments',
    'TargetTrackingConfiguration',
    'PredictiveScalingConfiguration',
  ],
  StepScaling: [
    'ScalingAdjustment',
    'Cooldown',
    'TargetTrackingConfiguration',
    'PredictiveScalingConfiguration',
  ],
  TargetTrackingScaling: [
    'AdjustmentType',
    'ScalingAdjustment',
    'StepAdjustments',
    'Cooldown',
    'MinAdjustmentMagnitude',
    'MinAdjustmentStep',
    'MetricAggregationType',
    'PredictiveScalingConfiguration',
  ],
  PredictiveScaling: [
    'TargetTrackingConfiguration',
    'AdjustmentType',
    'ScalingAdjustment',
    'StepAdjustments',
    'Cooldown',
    'MinAdjustmentMagnitude',
    'MinAdjustmentStep',
    'MetricAggregationType',
    'EstimatedInstanceWarmup',
  ],
}

/** What a PutScalingPolicy asks for, all of it: nothing is kept from before. @throws {AwsError} ValidationError. */
export function readPolicySettings(group: Group, input: Input): PolicySettings {
  const named = text(input, 'PolicyType') ?? 'SimpleScaling'
  const type = policyTypes.find((one) => one === named)
  if (!type) throw invalid(`Policy type ${named} is not valid. Valid types are: [${policyTypes.join(', ')}]`)
  const refused = refusedFields[type].find((name) => input[name] !== undefined && input[name] !== '')
  if (refused !== undefined)
    throw invalid(
      type === 'PredictiveScaling'
        ? `You can't specify ${refused} for policy type: PredictiveScaling`
        : `${refused} is not supported for a ${type} policy`,
    )
  const warmupS = integer(input, 'EstimatedInstanceWarmup') ?? null
  switch (type) {
    case 'SimpleScaling':
      return {
        type,
        adjustment: readAdjustment(input),
        by: checkExact(input, needInteger(input, 'ScalingAdjustment')),
        cooldownS: integer(input, 'Cooldown') ?? null,
      }
    case 'StepScaling':
      return {
        type,
        adjustment: readAdjustment(input),
        steps: readSteps(input),
        aggregation: text(input, 'MetricAggregationType') ?? 'Average',
        warmupS,
      }
    case 'TargetTrackingScaling':
      return { type, ...readTracking(group, structure(input, 'TargetTrackingConfiguration')), warmupS }
    case 'PredictiveScaling':
      break
  }
  return { type, configuration: readPredictive(structure(input, 'PredictiveScalingConfiguration')) }
}

/** MinAdjustmentStep is the old name of MinAdjustmentMagnitude. */
function readAdjustment(input: Input): Adjustment {
  const named = need(input, 'AdjustmentType')
  const type = adjustmentTypes.find((one) => one === named)
  if (!type)
    throw invalid(`Adjustment type ${named} is not valid. Valid types are: [${adjustmentTypes.join(', ')}]`)
  const minMagnitude = integer(input, 'MinAdjustmentMagnitude') ?? integer(input, 'MinAdjustmentStep') ?? null
  if (minMagnitude !== null && type !== 'PercentChangeInCapacity')
    throw invalid('MinAdjustmentMagnitude is only supported with the adjustment type PercentChangeInCapacity')
  return { type, minMagnitude }
}

function checkExact(input: Input, by: number): number {
  if (by >= 0 || text(input, 'AdjustmentType') !== 'ExactCapacity') return by
  throw invalid('ScalingAdjustment must be at least 0 for the adjustment type ExactCapacity')
}

const stepsMax = 20

/** Steps do not overlap, leave no gap, and reach to infinity on each side they are on (API StepAdjustment). */
function readSteps(input: Input): Step[] {
  const steps = rows(input, 'StepAdjustments').map((row) => ({
    lower: decimal(row, 'MetricIntervalLowerBound') ?? null,
    upper: decimal(row, 'MetricIntervalUpperBound') ?? null,
    by: checkExact(input, needInteger(row, 'ScalingAdjustment')),
  }))
  if (steps.length === 0)
    throw invalid('You should specify at least one StepAdjustment with a StepScaling policy')
  if (steps.length > stepsMax)
    throw new AwsError(
      'LimitExceeded',
      `The number of step adjustments is limited to ${stepsMax} for each policy`,
    )
  const ordered = steps.toSorted((a, b) => (a.lower ?? -Infinity) - (b.lower ?? -Infinity))
  ordered.forEach((step, index) => {
    const next = ordered[index + 1]
    if (step.lower === null && step.upper === null && steps.length > 1)
      throw invalid('A StepAdjustment without bounds must be the only one')
    if (step.lower !== null && step.upper !== null && step.lower >= step.upper)
      throw invalid('The lower bound of a StepAdjustment must be below its upper bound')
    if (next && step.upper !== next.lower)
      throw invalid('The StepAdjustment intervals must neither overlap nor leave a gap')
  })
  if ((ordered[0]?.lower ?? 0) < 0)
    throw invalid(
      'There must be a StepAdjustment with an unspecified lower bound where one has a negative lower bound',
    )
  if ((ordered.at(-1)?.upper ?? 0) > 0)
    throw invalid(
      'There must be a StepAdjustment with an unspecified upper bound where one has a positive upper bound',
    )
  return ordered
}

function readTracking(group: Group, input: Input) {
  const target = decimal(input, 'TargetValue') ?? Number(need(input, 'TargetValue'))
  if (!(target >= 8.51592e-12 && target <= 1.174271e17))
    throw invalid('Target value must be between 8.51592E-12 and 1.174271E17')
  const configuration = { DisableScaleIn: false, ...readShape(input, targetTrackingShape) }
  const predefined = structure(input, 'PredefinedMetricSpecification')
  const custom = input['CustomizedMetricSpecification'] !== undefined
  if (custom === (text(predefined, 'PredefinedMetricType') !== undefined))
    throw invalid(
      'Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified',
    )
  if (text(predefined, 'PredefinedMetricType') === 'ALBRequestCountPerTarget')
    checkLabel(group, text(predefined, 'ResourceLabel'))
  return { target, scaleIn: !configuration.DisableScaleIn, configuration }
}

/** `app/LB/ID/targetgroup/TG/ID`, of a target group this group is attached to. */
function checkLabel(group: Group, label: string | undefined): void {
  if (!label)
    throw invalid('Resource label should be specified for predefined metric type ALBRequestCountPerTarget')
  const targetGroup = /^app\/[^/]+\/[^/]+\/(targetgroup\/[^/]+\/[^/]+)$/.exec(label)?.[1]
  const attached = [...group.trafficSources.keys()].some((arn) => arn.endsWith(`:${targetGroup}`))
  if (!attached) throw invalid(`The target group of resource label ${label} is not attached to the group`)
}

function readPredictive(input: Input) {
  const specifications = rows(input, 'MetricSpecifications')
  if (specifications.length !== 1)
    throw invalid('Exactly one metric specification must be given for a PredictiveScaling policy')
  for (const specification of specifications) need(specification, 'TargetValue')
  return {
    Mode: 'ForecastOnly',
    MaxCapacityBreachBehavior: 'HonorMaxCapacity',
    SchedulingBufferTime: 0,
    ...readShape(input, predictiveShape),
  }
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message)
}
