import type { Output } from '../wire/operation.ts'
import type { Activity } from './activities.ts'
import { isWarm, type Group, type Member } from './group.ts'

const specification = (
  template: Readonly<{ id: string; name: string; version: string | number }>,
): Output => ({
  LaunchTemplateId: template.id,
  LaunchTemplateName: template.name,
  Version: String(template.version),
})

/** As DescribeAutoScalingGroups lists a member: "Healthy" is capitalised here. */
export function memberOutput(member: Member): Output {
  return {
    InstanceId: member.id,
    InstanceType: member.instanceType,
    AvailabilityZone: member.availabilityZone,
    LifecycleState: member.lifecycle,
    HealthStatus: member.healthy ? 'Healthy' : 'Unhealthy',
    LaunchTemplate: specification(member.template),
    ProtectedFromScaleIn: member.protected,
  }
}

/** As DescribeAutoScalingInstances lists a member: "HEALTHY" is in capitals there. */
export function instanceOutput(group: Group, member: Member): Output {
  const listed = memberOutput(member)
  return {
    ...listed,
    AutoScalingGroupName: group.name,
    HealthStatus: member.healthy ? 'HEALTHY' : 'UNHEALTHY',
  }
}

export function groupOutput(group: Group, includeInstances: boolean): Output {
  const { targetGroups, classic } = attached(group)
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    LaunchTemplate: specification(group.template),
    MinSize: group.min,
    MaxSize: group.max,
    DesiredCapacity: group.desired,
    DefaultCooldown: group.cooldownS,
    AvailabilityZones: group.zones,
    LoadBalancerNames: classic,
    TargetGroupARNs: targetGroups,
    HealthCheckType: group.healthCheckType,
    HealthCheckGracePeriod: group.graceS,
    Instances: includeInstances
      ? [...group.members.values()].filter(({ lifecycle }) => !isWarm(lifecycle)).map(memberOutput)
      : undefined,
    CreatedTime: new Date(group.createdAt),
    SuspendedProcesses: [...group.suspended].map(([ProcessName, SuspensionReason]) => ({
      ProcessName,
      SuspensionReason,
    })),
    VPCZoneIdentifier: group.subnets.join(','),
    EnabledMetrics: [],
    Status: group.deleting ? 'Delete in progress' : undefined,
    Tags: tagOutputs(group),
    TerminationPolicies: group.terminationPolicies,
    NewInstancesProtectedFromScaleIn: group.protectNew,
    TrafficSources: [
      ...classic.map((Identifier) => ({ Identifier, Type: 'elb' })),
      ...targetGroups.map((Identifier) => ({ Identifier, Type: 'elbv2' })),
    ],
  }
}

/** What a group is attached to, without what is being removed. An ARN is never the name of a classic load balancer. */
function attached(group: Group): { targetGroups: string[]; classic: string[] } {
  const ids = [...group.trafficSources].flatMap(([id, attachment]) => (attachment === 'Removing' ? [] : [id]))
  return {
    targetGroups: ids.filter((id) => id.startsWith('arn:')),
    classic: ids.filter((id) => !id.startsWith('arn:')),
  }
}

export function tagOutputs(group: Group) {
  return [...group.tags].map(([Key, { value, propagate }]) => ({
    ResourceId: group.name,
    ResourceType: 'auto-scaling-group',
    Key,
    Value: value,
    PropagateAtLaunch: propagate,
  }))
}

export function activityOutput(group: Group, activity: Activity): Output {
  return {
    ActivityId: activity.id,
    AutoScalingGroupName: group.name,
    Description: activity.description,
    Cause: activity.cause,
    StartTime: new Date(activity.startTime),
    EndTime: activity.endTime === null ? undefined : new Date(activity.endTime),
    StatusCode: activity.status,
    StatusMessage: activity.statusMessage ?? undefined,
    Progress: activity.progress,
    Details: activity.details,
    AutoScalingGroupARN: group.arn,
  }
}
