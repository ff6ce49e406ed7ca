import { expect, test } from 'vitest'
import { groupTags } from '../support/service.ts'
import { describeWithBotocore } from './describe.ts'

const name = 'web-blue'
const named = { AutoScalingGroupName: name }
const decrement = { ShouldDecrementDesiredCapacity: true }
const keep = { ShouldDecrementDesiredCapacity: false }

describeWithBotocore(['autoscaling', 'cloudwatch'], (aws) => {
  const pass = (seconds: number) => aws().service.clock.advance(seconds * 1_000)

  test('what a group is', async () => {
    const { done, refused } = aws().of('autoscaling')
    const [first] = await aws().service.createGroup(name, { DesiredCapacity: 3, MaxSize: 6 })
    expect(await done('DescribeAutoScalingGroups', { AutoScalingGroupNames: [name] })).toMatchObject({
      AutoScalingGroups: [{ Instances: [{ InstanceId: first, HealthStatus: 'Healthy' }, {}, {}] }],
    })
    await done('DescribeAutoScalingInstances')
    await done('DescribeInstanceRefreshes', named)
    await done('DescribeWarmPool', named)
    await done('DescribeTags')
    const tag = { ResourceId: name, ResourceType: 'auto-scaling-group' }
    await done('CreateOrUpdateTags', { Tags: [{ ...tag, ...groupTags[2] }] })
    await done('DeleteTags', { Tags: [{ ...tag, Key: 'gone' }] })
    await done('SetInstanceProtection', { ...named, InstanceIds: [first], ProtectedFromScaleIn: true })
    await done('SetInstanceHealth', { InstanceId: first, HealthStatus: 'Healthy' })
    await done('SuspendProcesses', { ...named, ScalingProcesses: ['AZRebalance'] })
    await done('DescribeAutoScalingGroups')
    expect(await refused('SuspendProcesses', { AutoScalingGroupName: 'none' })).toBe('ValidationError')
  })

  test('what moves in and out of a group', async () => {
    const { done, refused } = aws().of('autoscaling')
    const [first, second, third] = await aws().service.ids(name)
    const moved = { ...named, InstanceIds: [first] }
    expect(await done('EnterStandby', { ...moved, ...decrement })).toMatchObject({
      Activities: [{ StatusCode: 'InProgress', Progress: 50 }],
    })
    await pass(120)
    expect(await refused('EnterStandby', { ...moved, ...decrement })).toBe('ValidationError')
    await done('ExitStandby', moved)
    await pass(60)
    await done('DetachInstances', { ...named, InstanceIds: [second], ...decrement })
    const terminate = 'TerminateInstanceInAutoScalingGroup'
    expect(await refused(terminate, { InstanceId: second, ...keep })).toBe('ScalingActivityInProgress')
    await pass(120)
    await done(terminate, { InstanceId: third, ...decrement })
    await pass(120)
    expect(await done('DescribeScalingActivities', named)).toMatchObject({
      Activities: [{}, {}, {}, {}, {}, {}, {}],
    })
    await done('ResumeProcesses', named)
    await done('SetDesiredCapacity', { ...named, DesiredCapacity: 2 })
    await done('UpdateAutoScalingGroup', { ...named, MinSize: 1 })
  })

  test('how a group is made and ended', async () => {
    const { done, refused } = aws().of('autoscaling')
    const api = { AutoScalingGroupName: 'api' }
    const settings = { LaunchTemplate: { LaunchTemplateName: 'web' }, MinSize: 0, MaxSize: 1 }
    const create = { ...api, ...settings, VPCZoneIdentifier: 'subnet-a,subnet-b' }
    await done('CreateAutoScalingGroup', create)
    expect(await refused('CreateAutoScalingGroup', create)).toBe('AlreadyExists')
    const TargetGroupARNs = [aws().service.targetGroupArn]
    await done('AttachLoadBalancerTargetGroups', { ...api, TargetGroupARNs })
    await done('DescribeLoadBalancerTargetGroups', api)
    await done('DetachLoadBalancerTargetGroups', { ...api, TargetGroupARNs })
    const old = { LoadBalancerName: 'old' }
    const Listeners = [{ Protocol: 'TCP', LoadBalancerPort: 80, InstancePort: 80 }]
    await aws()
      .of('elb')
      .done('CreateLoadBalancer', { ...old, Listeners, Subnets: ['subnet-a'] })
    await done('AttachLoadBalancers', { ...api, LoadBalancerNames: ['old'] })
    await done('DescribeLoadBalancers', api)
    await done('DetachLoadBalancers', { ...api, LoadBalancerNames: ['old'] })
    await pass(60)
    await done('DeleteAutoScalingGroup', api)
    expect(await refused('DeleteAutoScalingGroup', named)).toBe('ResourceInUse')
  })

  test('launch hooks', async () => {
    const { done, refused } = aws().of('autoscaling')
    const hook = { ...named, LifecycleHookName: 'booted' }
    await done('PutLifecycleHook', { ...hook, LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' })
    await done('DescribeLifecycleHooks', named)
    await done('SetDesiredCapacity', { ...named, DesiredCapacity: 3 })
    const { clock, cloud } = aws().service
    const waiting = () =>
      [...cloud.autoScaling.group(name).members.values()].find((one) => one.lifecycle === 'Pending:Wait')
    await clock.runUntil(() => waiting() !== undefined, 120_000)
    const action = { ...hook, InstanceId: waiting()?.id }
    await done('RecordLifecycleActionHeartbeat', action)
    const complete = { ...action, LifecycleActionResult: 'CONTINUE' }
    await done('CompleteLifecycleAction', complete)
    expect(await refused('CompleteLifecycleAction', complete)).toBe('ValidationError')
    await done('DeleteLifecycleHook', hook)
  })

  test('policies and their alarms', async () => {
    const { done } = aws().of('autoscaling')
    const alarms = aws().of('cloudwatch')
    const { PolicyARN } = await done<{ PolicyARN: string }>('PutScalingPolicy', {
      ...named,
      PolicyName: 'grow',
      PolicyType: 'StepScaling',
      AdjustmentType: 'PercentChangeInCapacity',
      MinAdjustmentMagnitude: 1,
      StepAdjustments: [
        { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 10 },
        { MetricIntervalLowerBound: 10, ScalingAdjustment: 50 },
      ],
    })
    await done('PutScalingPolicy', {
      ...named,
      PolicyName: 'track',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingConfiguration: {
        TargetValue: 50,
        PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
      },
    })
    const one = { AdjustmentType: 'ChangeInCapacity', ScalingAdjustment: 1, Cooldown: 60 }
    await done('PutScalingPolicy', { ...named, PolicyName: 'simple', ...one })
    await alarms.done('PutMetricAlarm', {
      AlarmName: 'busy',
      Namespace: 'AWS/EC2',
      MetricName: 'CPUUtilization',
      Statistic: 'Average',
      Period: 60,
      EvaluationPeriods: 2,
      Threshold: 70.5,
      ComparisonOperator: 'GreaterThanThreshold',
      Dimensions: [{ Name: 'AutoScalingGroupName', Value: name }],
      AlarmActions: [PolicyARN],
    })
    const ring = { AlarmName: 'busy', StateValue: 'ALARM', StateReason: 'by hand' }
    await alarms.done('SetAlarmState', ring)
    expect(await alarms.done('DescribeAlarms', { AlarmNames: ['busy'] })).toMatchObject({
      MetricAlarms: [{ StateValue: 'ALARM', Threshold: 70.5 }],
    })
    await alarms.done('DescribeAlarms')
    expect(await done('DescribePolicies', named)).toMatchObject({ ScalingPolicies: [{}, {}, {}] })
    await done('ExecutePolicy', { ...named, PolicyName: 'simple' })
    await done('DeletePolicy', { ...named, PolicyName: 'track' })
    const alarm = { AlarmNames: ['busy'] }
    await alarms.done('DeleteAlarms', alarm)
    expect(await alarms.refused('DeleteAlarms', alarm)).toBe('ResourceNotFound')
    expect(await alarms.refused('SetAlarmState', ring)).toBe('ResourceNotFound')
  })

  test('schedules', async () => {
    const { done } = aws().of('autoscaling')
    const nightly = { ScheduledActionName: 'nightly', Recurrence: '0 22 * * *', TimeZone: 'Asia/Seoul' }
    await done('PutScheduledUpdateGroupAction', { ...named, ...nightly, MinSize: 0 })
    const batch = [
      { ScheduledActionName: 'once', DesiredCapacity: 2, StartTime: '2036-01-01T00:00:00Z' },
      { ScheduledActionName: 'never', MinSize: 1 },
    ]
    const put = 'BatchPutScheduledUpdateGroupAction'
    expect(await done(put, { ...named, ScheduledUpdateGroupActions: batch })).toMatchObject({
      FailedScheduledUpdateGroupActions: [{ ScheduledActionName: 'never', ErrorCode: 'ValidationError' }],
    })
    expect(await done('DescribeScheduledActions', named)).toMatchObject({
      ScheduledUpdateGroupActions: [{}, {}],
    })
    await done('DeleteScheduledAction', { ...named, ScheduledActionName: 'once' })
    await done('BatchDeleteScheduledAction', { ...named, ScheduledActionNames: ['nightly', 'gone'] })
  })
})
