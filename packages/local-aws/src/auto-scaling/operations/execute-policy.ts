import { decimal, flag, need, text } from '../../input.ts'
import { AwsError, type Input, type Operation } from '../../wire/operation.ts'
import { adjusted, stepFor, type PolicySettings } from '../policies.ts'
import { policyNamed } from '../policy-names.ts'
import { changeDesired, isCooling } from '../policy-runs.ts'

/** Runs a simple or step policy at once, whatever the alarms say; a step policy needs metric value and threshold (API ExecutePolicy). */
export const executePolicy: Operation = (cloud, input) => {
  const { group, policy } = policyNamed(cloud, need(input, 'PolicyName'), text(input, 'AutoScalingGroupName'))
  const { settings } = policy
  cloud.autoScaling.changeable(group.name)
  if (settings.type !== 'SimpleScaling' && settings.type !== 'StepScaling')
    throw new AwsError('ValidationError', `A ${settings.type} policy cannot be executed`)
  if (!policy.enabled) throw new AwsError('ValidationError', `Policy ${policy.name} is disabled`)
  const by = settings.type === 'SimpleScaling' ? settings.by : stepAdjustment(settings, input)
  if (
    settings.type === 'SimpleScaling' &&
    flag(input, 'HonorCooldown') &&
    isCooling(group, cloud.clock.now())
  )
    throw new AwsError('ScalingActivityInProgress', 'The cooldown period is not over and blocks this action')
  const desired = adjusted(settings.adjustment, by, group)
  changeDesired(cloud, group, policy, desired, `a user request executed policy ${policy.name}`)
  return {}
}

function stepAdjustment({ steps }: Extract<PolicySettings, { type: 'StepScaling' }>, input: Input): number {
  const value = decimal(input, 'MetricValue')
  const threshold = decimal(input, 'BreachThreshold')
  if (value === undefined || threshold === undefined)
    throw new AwsError(
      'ValidationError',
      'MetricValue and BreachThreshold are required for a StepScaling policy',
    )
  const step = stepFor(steps, value - threshold)
  if (step) return step.by
  throw new AwsError(
    'ValidationError',
    `No step adjustment found for metric value [${value}] and breach delta [${value - threshold}]`,
  )
}
