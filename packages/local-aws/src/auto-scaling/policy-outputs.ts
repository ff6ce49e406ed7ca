import type { Cloud } from '../cloud.ts'
import type { Output } from '../wire/operation.ts'
import type { Group } from './group.ts'
import type { Policy, PolicySettings } from './policies.ts'

/** As DescribePolicies lists it, read-only fields and all (API reference, ScalingPolicy). */
export function policyOutput(cloud: Cloud, group: Group, policy: Policy): Output {
  return {
    AutoScalingGroupName: group.name,
    PolicyName: policy.name,
    PolicyARN: policy.arn,
    PolicyType: policy.settings.type,
    ...settingsOutput(policy.settings),
    Alarms: alarmsOf(cloud, policy),
    Enabled: policy.enabled,
  }
}

/** The alarms that have the policy among their actions, whoever made them. */
export function alarmsOf(cloud: Cloud, policy: Policy): Output[] {
  return [...cloud.cloudWatch.alarms.values()]
    .filter(({ settings }) => Object.values(settings.actions).some((arns) => arns.includes(policy.arn)))
    .map(({ name, arn }) => ({ AlarmName: name, AlarmARN: arn }))
}

/** StepAdjustments is an empty list for what has no steps. */
function settingsOutput(settings: PolicySettings): Output {
  switch (settings.type) {
    case 'SimpleScaling':
      return {
        ...adjustmentOutput(settings),
        ScalingAdjustment: settings.by,
        Cooldown: settings.cooldownS ?? undefined,
        StepAdjustments: [],
      }
    case 'StepScaling':
      return {
        ...adjustmentOutput(settings),
        StepAdjustments: settings.steps.map(({ lower, upper, by }) => ({
          MetricIntervalLowerBound: lower ?? undefined,
          MetricIntervalUpperBound: upper ?? undefined,
          ScalingAdjustment: by,
        })),
        MetricAggregationType: settings.aggregation,
        EstimatedInstanceWarmup: settings.warmupS ?? undefined,
      }
    case 'TargetTrackingScaling':
      return {
        StepAdjustments: [],
        TargetTrackingConfiguration: settings.configuration,
        EstimatedInstanceWarmup: settings.warmupS ?? undefined,
      }
    case 'PredictiveScaling':
      break
  }
  return { StepAdjustments: [], PredictiveScalingConfiguration: settings.configuration }
}

/** MinAdjustmentStep is told beside its new name. */
function adjustmentOutput({ adjustment }: Extract<PolicySettings, { adjustment: object }>): Output {
  return {
    AdjustmentType: adjustment.type,
    MinAdjustmentMagnitude: adjustment.minMagnitude ?? undefined,
    MinAdjustmentStep: adjustment.minMagnitude ?? undefined,
  }
}
