import type { Cloud } from '../cloud.ts'
import type { AlarmSettings } from '../cloud-watch/alarm.ts'
import { uuid } from '../ids.ts'
import type { Output } from '../wire/operation.ts'
import type { Group } from './group.ts'
import type { Policy } from './policies.ts'

/** Metrics of the predefined kinds (UG as-scaling-target-tracking): namespace, name and statistic. */
const predefinedMetrics: Readonly<Record<string, readonly [string, string, string]>> = {
  ASGAverageCPUUtilization: ['AWS/EC2', 'CPUUtilization', 'Average'],
  ASGAverageNetworkIn: ['AWS/EC2', 'NetworkIn', 'Average'],
  ASGAverageNetworkOut: ['AWS/EC2', 'NetworkOut', 'Average'],
  ALBRequestCountPerTarget: ['AWS/ApplicationELB', 'RequestCountPerTarget', 'Sum'],
}

/**
 * Makes a target tracking policy's own alarms, or writes them anew: high after 3 minutes above the target, low after 15
 * below 90 % of it; none that is low where scale-in is disabled (UG as-scaling-target-tracking).
 */
export function putTrackingAlarms(cloud: Cloud, group: Group, policy: Policy): void {
  const { settings } = policy
  if (settings.type !== 'TargetTrackingScaling') return
  const [high = name(cloud, group, 'High'), low = name(cloud, group, 'Low')] = policy.ownAlarms
  const metric = metricOf(group, settings.configuration)
  const put = (alarm: string, comparison: string, threshold: number, periods: number) =>
    cloud.cloudWatch.put(
      alarm,
      ownSettings(policy, {
        ...metric,
        ComparisonOperator: comparison,
        Threshold: threshold,
        EvaluationPeriods: periods,
      }),
    )
  put(high, 'GreaterThanThreshold', settings.target, 3)
  if (settings.scaleIn) put(low, 'LessThanThreshold', settings.target * 0.9, 15)
  else cloud.cloudWatch.alarms.delete(low)
  policy.ownAlarms = [high, low]
}

export function deleteTrackingAlarms(cloud: Cloud, policy: Policy): void {
  for (const alarm of policy.ownAlarms) cloud.cloudWatch.alarms.delete(alarm)
  policy.ownAlarms = []
}

function name(cloud: Cloud, group: Group, side: 'High' | 'Low'): string {
  return `TargetTracking-${group.name}-Alarm${side}-${uuid(cloud.random)}`
}

function ownSettings(policy: Policy, definition: Output): AlarmSettings {
  const AlarmDescription = `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${policy.arn}.`
  return {
    actionsEnabled: true,
    actions: { OK: [], ALARM: [policy.arn], INSUFFICIENT_DATA: [] },
    definition: { AlarmDescription, ...definition },
  }
}

function metricOf(group: Group, configuration: Output): Output {
  const custom = configuration['CustomizedMetricSpecification'] as Output | undefined
  if (custom) return { Period: 60, ...custom }
  const { PredefinedMetricType: type, ResourceLabel: label } = configuration[
    'PredefinedMetricSpecification'
  ] as { PredefinedMetricType: string; ResourceLabel?: string }
  const [Namespace, MetricName, Statistic] = predefinedMetrics[type] ?? ['', type, 'Average']
  const parts = label?.split('/') ?? []
  const Dimensions =
    parts.length > 0
      ? [
          { Name: 'TargetGroup', Value: parts.slice(3).join('/') },
          { Name: 'LoadBalancer', Value: parts.slice(0, 3).join('/') },
        ]
      : [{ Name: 'AutoScalingGroupName', Value: group.name }]
  return { Namespace, MetricName, Statistic, Dimensions, Period: 60 }
}
