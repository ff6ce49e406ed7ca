import type {
  AlarmDefinition,
  PolicyDefinition,
  ScheduledActionDefinition,
} from '@switchover/contract/scaling'
import type { Side } from './fleet.ts'
import type { GroupScaling, Policy, World } from './world.ts'

/** Scaling of `web-blue` for tests. */

export const arnOf = (group: string, name: string, unique = 'u') =>
  `arn:aws:autoscaling:r:1:scalingPolicy:${unique}:autoScalingGroupName/${group}:policyName/${name}`

function owned(policy: PolicyDefinition): Policy {
  return { ...policy, arn: arnOf('web-blue', policy.name) }
}

export const cpu = owned({
  name: 'cpu',
  type: 'TargetTrackingScaling',
  settings: {
    TargetTrackingConfiguration: {
      PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
      TargetValue: 50,
    },
    Enabled: true,
  },
})

export const out = owned({
  name: 'out',
  type: 'StepScaling',
  settings: {
    AdjustmentType: 'ChangeInCapacity',
    StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 2 }],
    Enabled: true,
  },
})

/** Calls `out`, and somebody's mailing list. */
export const busy: AlarmDefinition = {
  name: 'busy',
  settings: {
    MetricName: 'CPUUtilization',
    Namespace: 'AWS/EC2',
    Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'web-blue' }],
    AlarmActions: [out.arn, 'arn:aws:sns:r:1:ops'],
    OKActions: [],
    Threshold: 80,
  },
}

const sizes = { min: 1, max: null, desired: 1 }

export const night: ScheduledActionDefinition = {
  name: 'night',
  startsAt: 50_000_000,
  endsAt: null,
  recurrence: '0 22 * * *',
  timeZone: 'Asia/Seoul',
  ...sizes,
}

export const launch: ScheduledActionDefinition = {
  name: 'launch',
  startsAt: 60_000_000,
  endsAt: null,
  recurrence: null,
  timeZone: null,
  ...sizes,
}

export const blueScaling: GroupScaling = { policies: [cpu, out], alarms: [busy], actions: [night, launch] }

/** The world with a scheduled action of one side `ms` from now, or before. */
export function dueIn(world: World, side: Side, name: string, ms: number): World {
  if (world.scaling === null) return world
  const actions = world.scaling[side].actions.map((one) =>
    one.name === name ? { ...one, startsAt: world.now + ms } : one,
  )
  return { ...world, scaling: { ...world.scaling, [side]: { ...world.scaling[side], actions } } }
}
