import {
  DeleteAutoScalingGroupCommand,
  DeletePolicyCommand,
  DescribePoliciesCommand,
  ExecutePolicyCommand,
  PutScalingPolicyCommand,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
  type DescribePoliciesCommandInput,
  type PutScalingPolicyCommandInput,
} from '@aws-sdk/client-auto-scaling'
import {
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
  type PutMetricAlarmCommandInput,
} from '@aws-sdk/client-cloudwatch'
import { describe, expect, test } from 'vitest'
import { createService, type Service } from './support/service.ts'

const name = 'web-blue'
const of = { AutoScalingGroupName: name }
type Definition = Partial<PutScalingPolicyCommandInput>

const simple: Definition = {
  PolicyType: 'SimpleScaling',
  AdjustmentType: 'ChangeInCapacity',
  ScalingAdjustment: 1,
  Cooldown: 60,
}
const steps: Definition = {
  PolicyType: 'StepScaling',
  AdjustmentType: 'ChangeInCapacity',
  StepAdjustments: [
    { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 1 },
    { MetricIntervalLowerBound: 10, ScalingAdjustment: 3 },
  ],
}
const tracking: Definition = {
  PolicyType: 'TargetTrackingScaling',
  TargetTrackingConfiguration: {
    PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
    TargetValue: 50,
  },
}
const predictive: Definition = {
  PolicyType: 'PredictiveScaling',
  PredictiveScalingConfiguration: {
    MetricSpecifications: [
      { TargetValue: 40, PredefinedMetricPairSpecification: { PredefinedMetricType: 'ASGCPUUtilization' } },
    ],
    Mode: 'ForecastAndScale',
  },
}

async function created(DesiredCapacity = 2, MaxSize = 10) {
  const service = await createService()
  await service.createGroup(name, { MinSize: 1, MaxSize, DesiredCapacity })
  const { autoScaling, cloudWatch } = service
  return {
    ...service,
    put: (definition: Definition, PolicyName = 'grow') =>
      autoScaling.send(new PutScalingPolicyCommand({ ...of, PolicyName, ...definition })),
    listed: async (asked: DescribePoliciesCommandInput = of) =>
      (await autoScaling.send(new DescribePoliciesCommand(asked))).ScalingPolicies ?? [],
    alarms: async () => (await cloudWatch.send(new DescribeAlarmsCommand())).MetricAlarms ?? [],
    desired: async () => (await service.group(name)).DesiredCapacity,
  }
}

/** An alarm at CPU 70 % whose action is the policy. */
async function watch(
  { cloudWatch }: Service,
  policyArn: string | undefined,
  change: Partial<PutMetricAlarmCommandInput> = {},
) {
  await cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName: 'busy',
      MetricName: 'CPUUtilization',
      Namespace: 'AWS/EC2',
      Statistic: 'Average',
      Period: 60,
      EvaluationPeriods: 2,
      Threshold: 70,
      ComparisonOperator: 'GreaterThanThreshold',
      AlarmActions: [policyArn ?? ''],
      ...change,
    }),
  )
}

async function ring({ cloudWatch }: Service, metric: number | null = null, AlarmName = 'busy') {
  const data = metric === null ? {} : { StateReasonData: JSON.stringify({ recentDatapoints: [metric] }) }
  await cloudWatch.send(
    new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'test', ...data }),
  )
}

async function quieten({ cloudWatch }: Service, AlarmName = 'busy') {
  await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'OK', StateReason: 'test' }))
}

const arn =
  /^arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:[\da-f-]{36}:autoScalingGroupName\/web-blue:policyName\/grow$/

describe('a policy', () => {
  test.each([
    {
      type: 'simple, which is what a policy is without a type',
      put: { AdjustmentType: 'PercentChangeInCapacity', ScalingAdjustment: 20, MinAdjustmentMagnitude: 2 },
      told: {
        PolicyType: 'SimpleScaling',
        AdjustmentType: 'PercentChangeInCapacity',
        ScalingAdjustment: 20,
        MinAdjustmentMagnitude: 2,
        MinAdjustmentStep: 2,
        StepAdjustments: [],
      },
    },
    { type: 'step', put: steps, told: { ...steps, MetricAggregationType: 'Average' } },
    {
      type: 'predictive',
      put: predictive,
      told: {
        PolicyType: 'PredictiveScaling',
        StepAdjustments: [],
        PredictiveScalingConfiguration: {
          MaxCapacityBreachBehavior: 'HonorMaxCapacity',
          SchedulingBufferTime: 0,
          ...predictive.PredictiveScalingConfiguration,
        },
      },
    },
  ] satisfies { type: string; put: Definition; told: object }[])(
    'is told with its read-only fields: $type',
    async ({ put, told }) => {
      const service = await created()
      const { PolicyARN, Alarms } = await service.put(put)
      expect(PolicyARN).toMatch(arn)
      expect(Alarms).toEqual([])
      expect(await service.listed()).toEqual([
        { ...of, PolicyName: 'grow', PolicyARN, Alarms: [], Enabled: true, ...told },
      ])
    },
  )

  test.each([
    [
      {
        ...steps,
        StepAdjustments: [
          { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 9, ScalingAdjustment: 1 },
          { MetricIntervalLowerBound: 10, ScalingAdjustment: 2 },
        ],
      },
      'neither overlap nor leave a gap',
    ],
    [{ ...simple, AdjustmentType: 'ExactCapacity', ScalingAdjustment: -1 }, 'must be at least 0'],
  ] as [Definition, string][])('is refused: %#', async (definition, message) => {
    const service = await created()
    const refused = await service.put(definition).catch((error: unknown) => error)
    expect(refused).toMatchObject({ name: 'ValidationError' })
    expect((refused as Error).message).toContain(message)
    expect(await service.listed()).toEqual([])
  })
})

describe('alarms', () => {
  test('of target tracking are its own: made, kept through a change, and deleted with it', async () => {
    const service = await created()
    const { Alarms, PolicyARN } = await service.put(tracking)
    const [high, low] = Alarms?.map((one) => one.AlarmName) ?? []
    expect(high).toMatch(/^TargetTracking-web-blue-AlarmHigh-[\da-f-]{36}$/)
    expect(low).toMatch(/^TargetTracking-web-blue-AlarmLow-[\da-f-]{36}$/)
    const [policy] = await service.listed()
    expect(policy?.TargetTrackingConfiguration).toEqual({
      ...tracking.TargetTrackingConfiguration,
      DisableScaleIn: false,
    })
    expect(policy?.StepAdjustments).toEqual([])
    expect(policy?.Alarms).toEqual(Alarms)
    const TargetTrackingConfiguration = {
      PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' as const },
      TargetValue: 60,
    }
    await service.put({ ...tracking, TargetTrackingConfiguration })
    expect(await service.alarms()).toMatchObject([
      {
        AlarmName: high,
        Threshold: 60,
        AlarmActions: [PolicyARN],
        Dimensions: [{ Name: 'AutoScalingGroupName', Value: name }],
      },
      { AlarmName: low, Threshold: 54, ComparisonOperator: 'LessThanThreshold' },
    ])
    await service.autoScaling.send(new DeletePolicyCommand({ ...of, PolicyName: 'grow' }))
    expect(await service.alarms()).toEqual([])
    expect(await service.listed()).toEqual([])
  })

  test('without another action go with the group, and so do its policies (API DeleteAutoScalingGroup)', async () => {
    const service = await created()
    const { PolicyARN } = await service.put(steps)
    await service.put(tracking, 'track')
    await watch(service, PolicyARN)
    await watch(service, PolicyARN, { AlarmName: 'told', OKActions: ['arn:aws:sns:::ops'] })
    await service.autoScaling.send(new DeleteAutoScalingGroupCommand({ ...of, ForceDelete: true }))
    expect(await service.alarms()).toMatchObject([{ AlarmName: 'told', AlarmActions: [] }])
    expect(await service.listed({})).toEqual([])
  })

  test.each([
    { what: 'steps, by the metric they rang for', policy: steps, metric: 79, desired: 3 },
    { what: 'steps, the next one from its lower bound on', policy: steps, metric: 80, desired: 5 },
    { what: 'steps, the first where no metric is known', policy: steps, metric: null, desired: 3 },
    { what: 'a step policy without a step for the metric', policy: steps, metric: 60, desired: 2 },
    {
      what: 'an exact capacity',
      policy: { ...simple, AdjustmentType: 'ExactCapacity', ScalingAdjustment: 7 },
      metric: null,
      desired: 7,
    },
    { what: 'no more than max', policy: { ...simple, ScalingAdjustment: 40 }, metric: null, desired: 10 },
    { what: 'no less than min', policy: { ...simple, ScalingAdjustment: -9 }, metric: null, desired: 1 },
    {
      what: 'nothing where the policy is disabled',
      policy: { ...simple, Enabled: false },
      metric: null,
      desired: 2,
    },
    {
      what: 'at least the magnitude of a percentage',
      policy: { AdjustmentType: 'PercentChangeInCapacity', ScalingAdjustment: 50, MinAdjustmentMagnitude: 3 },
      metric: null,
      desired: 5,
    },
    {
      what: 'one at least for a percentage of less than one',
      policy: { AdjustmentType: 'PercentChangeInCapacity', ScalingAdjustment: 10 },
      metric: null,
      desired: 3,
    },
  ] satisfies { what: string; policy: Definition; metric: number | null; desired: number }[])(
    'that ring move $what',
    async ({ policy, metric, desired }) => {
      const service = await created()
      const { PolicyARN } = await service.put(policy)
      await watch(service, PolicyARN)
      await ring(service, metric)
      expect(await service.desired()).toBe(desired)
    },
  )

  test.each([
    { side: 0, metric: 120, from: 2, to: 5 },
    { side: 0, metric: null, from: 2, to: 3 },
    { side: 1, metric: 20, from: 4, to: 2 },
    { side: 1, metric: null, from: 4, to: 3 },
  ])('of target tracking, side $side at $metric, move $from to $to', async ({ side, metric, from, to }) => {
    const service = await created(from)
    const { Alarms } = await service.put(tracking)
    await ring(service, metric, Alarms?.[side]?.AlarmName)
    expect(await service.desired()).toBe(to)
  })

  test('ring for nothing while AlarmNotification is suspended, and act on resume if they still ring', async () => {
    const service = await created()
    const { PolicyARN } = await service.put(simple)
    await watch(service, PolicyARN)
    const processes = { ...of, ScalingProcesses: ['AlarmNotification'] }
    await service.autoScaling.send(new SuspendProcessesCommand(processes))
    await ring(service)
    expect(await service.desired()).toBe(2)
    await service.autoScaling.send(new ResumeProcessesCommand(processes))
    expect(await service.desired()).toBe(3)
    await service.autoScaling.send(new SuspendProcessesCommand(processes))
    await quieten(service)
    await service.clock.advance(600_000)
    await service.autoScaling.send(new ResumeProcessesCommand(processes))
    expect(await service.desired()).toBe(3)
  })

  test('wait for nothing where their actions are disabled', async () => {
    const service = await created()
    const { PolicyARN } = await service.put(simple)
    await watch(service, PolicyARN, { ActionsEnabled: false })
    await ring(service)
    expect(await service.desired()).toBe(2)
  })

  test('are not heard during a simple policy’s cooldown, which begins when its activities end', async () => {
    const service = await created()
    const { PolicyARN } = await service.put(simple)
    await watch(service, PolicyARN)
    const again = async () => {
      await quieten(service)
      await ring(service)
      return await service.desired()
    }
    await ring(service)
    expect(await again()).toBe(3)
    await service.clock.advance(120_000)
    const [launch] = await service.activities(name)
    await service.clock.advance((launch?.EndTime?.getTime() ?? 0) + 59_000 - service.clock.now())
    expect(await again()).toBe(3)
    await service.clock.advance(2_000)
    expect(await again()).toBe(4)
  })
})

describe('ExecutePolicy', () => {
  test('runs a policy at once, and says a user did', async () => {
    const service = await created()
    await service.put(simple)
    await service.autoScaling.send(new ExecutePolicyCommand({ ...of, PolicyName: 'grow' }))
    expect(await service.desired()).toBe(3)
    await service.clock.advance(30_000)
    const [activity] = await service.activities(name)
    expect(activity?.Cause).toContain(
      'a user request executed policy grow changing the desired capacity from 2 to 3.',
    )
    await expect(
      service.autoScaling.send(new ExecutePolicyCommand({ ...of, PolicyName: 'grow', HonorCooldown: true })),
    ).rejects.toMatchObject({ Code: 'ScalingActivityInProgress' })
  })

  test('takes the step of the metric that is given', async () => {
    const service = await created()
    await service.put(steps)
    const execute = (more: object) =>
      service.autoScaling.send(new ExecutePolicyCommand({ ...of, PolicyName: 'grow', ...more }))
    await expect(execute({})).rejects.toThrow('MetricValue and BreachThreshold are required')
    await expect(execute({ MetricValue: 40, BreachThreshold: 50 })).rejects.toThrow(
      'No step adjustment found',
    )
    await execute({ MetricValue: 65, BreachThreshold: 50 })
    expect(await service.desired()).toBe(5)
  })

  test('refuses what moves by itself', async () => {
    const service = await created()
    await service.put(tracking)
    await expect(
      service.autoScaling.send(new ExecutePolicyCommand({ ...of, PolicyName: 'grow' })),
    ).rejects.toThrow('A TargetTrackingScaling policy cannot be executed')
  })
})
