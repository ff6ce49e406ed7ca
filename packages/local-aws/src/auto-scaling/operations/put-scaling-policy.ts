import { flag, need } from '../../input.ts'
import { uuid } from '../../ids.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import type { Group } from '../group.ts'
import type { Policy, PolicySettings } from '../policies.ts'
import { alarmsOf } from '../policy-outputs.ts'
import { actOnRinging } from '../policy-runs.ts'
import { readPolicySettings } from '../policy-settings.ts'
import { deleteTrackingAlarms, putTrackingAlarms } from '../tracking-alarms.ts'

const perGroup = 50

/**
 * Creates the policy, or replaces all of it under the ARN it has; target tracking gets its alarms (API reference,
 * PutScalingPolicy).
 */
export const putScalingPolicy: Operation = (cloud, input) => {
  const { region, account, random } = cloud
  const group = cloud.autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  const name = need(input, 'PolicyName')
  const settings = readPolicySettings(group, input)
  const before = group.policies.get(name)
  if (!before && group.policies.size >= perGroup)
    throw new AwsError(
      'LimitExceeded',
      `The number of scaling policies is limited to ${perGroup} for each Auto Scaling group`,
    )
  checkMetric(group, name, settings)
  const enabled = flag(input, 'Enabled') ?? true
  const policy: Policy = before ?? {
    name,
    arn: `arn:aws:autoscaling:${region}:${account}:scalingPolicy:${uuid(random)}:autoScalingGroupName/${group.name}:policyName/${name}`,
    settings,
    enabled,
    ownAlarms: [],
  }
  const enabledAgain = enabled && !policy.enabled
  Object.assign(policy, { settings, enabled })
  group.policies.set(name, policy)
  if (settings.type === 'TargetTrackingScaling') putTrackingAlarms(cloud, group, policy)
  else deleteTrackingAlarms(cloud, policy)
  if (enabledAgain) actOnRinging(cloud, group, policy)
  return { PolicyARN: policy.arn, Alarms: alarmsOf(cloud, policy) }
}

function checkMetric(group: Group, name: string, settings: PolicySettings): void {
  const wanted = metricKey(settings)
  if (wanted === null) return
  const taken = [...group.policies.values()].some(
    (other) => other.name !== name && metricKey(other.settings) === wanted,
  )
  if (taken)
    throw new AwsError(
      'ValidationError',
      'Only one TargetTrackingScaling policy for a given metric specification is allowed.',
    )
}

function metricKey(settings: PolicySettings): string | null {
  if (settings.type !== 'TargetTrackingScaling') return null
  const { PredefinedMetricSpecification, CustomizedMetricSpecification } = settings.configuration
  return JSON.stringify(PredefinedMetricSpecification ?? CustomizedMetricSpecification)
}
