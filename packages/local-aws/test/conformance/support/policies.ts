import {
  DescribePoliciesCommand,
  PutScalingPolicyCommand,
  type PutScalingPolicyCommandInput,
  type PutScalingPolicyCommandOutput,
  type ScalingPolicy,
} from '@aws-sdk/client-auto-scaling'
import type { Scene } from './scene.ts'

export type Definition = Partial<PutScalingPolicyCommandInput>

/** The smallest definition of each type. */
export const simple: Definition = {
  PolicyType: 'SimpleScaling',
  AdjustmentType: 'ChangeInCapacity',
  ScalingAdjustment: 1,
  Cooldown: 60,
}
export const step: Definition = {
  PolicyType: 'StepScaling',
  AdjustmentType: 'ChangeInCapacity',
  StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
}
export const tracking: Definition = {
  PolicyType: 'TargetTrackingScaling',
  TargetTrackingConfiguration: {
    PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
    TargetValue: 50,
  },
}
export const predictive: Definition = {
  PolicyType: 'PredictiveScaling',
  PredictiveScalingConfiguration: {
    MetricSpecifications: [
      { TargetValue: 40, PredefinedMetricPairSpecification: { PredefinedMetricType: 'ASGCPUUtilization' } },
    ],
  },
}

export function putPolicy(
  { place }: Scene,
  AutoScalingGroupName: string,
  definition: Definition,
  PolicyName = 'grow',
): Promise<PutScalingPolicyCommandOutput> {
  return place.autoScaling.send(
    new PutScalingPolicyCommand({ AutoScalingGroupName, PolicyName, ...definition }),
  )
}

export async function policiesOf({ place }: Scene, AutoScalingGroupName: string): Promise<ScalingPolicy[]> {
  const asked = new DescribePoliciesCommand({ AutoScalingGroupName })
  return (await place.autoScaling.send(asked)).ScalingPolicies ?? []
}
