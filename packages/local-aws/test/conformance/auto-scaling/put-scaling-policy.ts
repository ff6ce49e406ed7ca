import { expect } from 'vitest'
import { alarm, ring } from '../support/alarm.ts'
import {
  policiesOf,
  predictive,
  putPolicy,
  simple,
  step,
  tracking,
  type Definition,
} from '../support/policies.ts'
import { invalid } from '../support/refused.ts'
import { operation } from '../support/row.ts'

const { row } = operation('Auto Scaling', 'PutScalingPolicy')
const model = 'botocore autoscaling'
const preflight = 'badmintoncryer/cdk-preflight'

row(
  { status: 'model', source: model, says: 'it answers an ARN that names group and policy' },
  async (scene) => {
    const { name } = await scene.group()
    const { PolicyARN, Alarms } = await putPolicy(scene, name, simple)
    expect(PolicyARN).toMatch(
      new RegExp(
        String.raw`^arn:aws:autoscaling:[a-z0-9-]+:\d{12}:scalingPolicy:[\da-f-]{36}:autoScalingGroupName/${name}:policyName/grow$`,
      ),
    )
    expect(Alarms).toEqual([])
  },
)

row(
  { status: 'model', source: model, says: 'put again the whole definition is replaced, under the same ARN' },
  async (scene) => {
    const { name } = await scene.group()
    const { PolicyARN } = await putPolicy(scene, name, { ...simple, Enabled: false })
    expect((await putPolicy(scene, name, step)).PolicyARN).toBe(PolicyARN)
    const [policy, ...others] = await policiesOf(scene, name)
    expect(others).toEqual([])
    expect(policy).toMatchObject({ PolicyType: 'StepScaling', Enabled: true })
    expect(policy?.Cooldown).toBeUndefined()
  },
)

const steps = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    MetricIntervalLowerBound: index,
    ...(index < count - 1 ? { MetricIntervalUpperBound: index + 1 } : {}),
    ScalingAdjustment: index + 1,
  }))

const refusedFields: [Definition, Definition, string][] = [
  [
    simple,
    { MetricAggregationType: 'Average' },
    'MetricAggregationType is not supported for a SimpleScaling policy',
  ],
  [
    simple,
    { EstimatedInstanceWarmup: 60 },
    'EstimatedInstanceWarmup is not supported for a SimpleScaling policy',
  ],
  [
    simple,
    { StepAdjustments: step.StepAdjustments },
    'StepAdjustments is not supported for a SimpleScaling policy',
  ],
  [
    simple,
    { TargetTrackingConfiguration: tracking.TargetTrackingConfiguration },
    'TargetTrackingConfiguration is not supported for a SimpleScaling policy',
  ],
  [step, { ScalingAdjustment: 1 }, 'ScalingAdjustment is not supported for a StepScaling policy'],
  [
    step,
    { TargetTrackingConfiguration: tracking.TargetTrackingConfiguration },
    'TargetTrackingConfiguration is not supported for a StepScaling policy',
  ],
  [
    predictive,
    { TargetTrackingConfiguration: tracking.TargetTrackingConfiguration },
    "You can't specify TargetTrackingConfiguration for policy type: PredictiveScaling",
  ],
  [
    predictive,
    { AdjustmentType: 'ChangeInCapacity' },
    "You can't specify AdjustmentType for policy type: PredictiveScaling",
  ],
  [
    predictive,
    { ScalingAdjustment: 1 },
    "You can't specify ScalingAdjustment for policy type: PredictiveScaling",
  ],
  [
    predictive,
    { StepAdjustments: step.StepAdjustments },
    "You can't specify StepAdjustments for policy type: PredictiveScaling",
  ],
  [
    predictive,
    { EstimatedInstanceWarmup: 60 },
    "You can't specify EstimatedInstanceWarmup for policy type: PredictiveScaling",
  ],
]
for (const [definition, field, message] of refusedFields)
  row({ status: 'trace', source: preflight, says: `refused: ${message}` }, async (scene) => {
    const { name } = await scene.group()
    expect(await scene.refusal(putPolicy(scene, name, { ...definition, ...field }))).toEqual(invalid(message))
    expect(await policiesOf(scene, name)).toEqual([])
  })

const refusedByModel: [string, Definition][] = [
  ['Cooldown is for simple policies only', { ...step, Cooldown: 60 }],
  ['MinAdjustmentMagnitude goes with PercentChangeInCapacity only', { ...simple, MinAdjustmentMagnitude: 2 }],
  [
    'a predictive policy has one metric specification',
    { ...predictive, PredictiveScalingConfiguration: { MetricSpecifications: [] } },
  ],
]
for (const [says, definition] of refusedByModel)
  row({ status: 'model', source: model, says }, async (scene) => {
    const { name } = await scene.group()
    expect(await scene.refusal(putPolicy(scene, name, definition))).toMatchObject({
      code: 'ValidationError',
      status: 400,
    })
  })

row({ status: 'trace', source: preflight, says: 'a step policy without steps is refused' }, async (scene) => {
  const { name } = await scene.group()
  expect(await scene.refusal(putPolicy(scene, name, { ...step, StepAdjustments: [] }))).toEqual(
    invalid('You should specify at least one StepAdjustment with a StepScaling policy'),
  )
})

const refusedSteps: [string, Definition][] = [
  [
    'steps to an exact capacity are not below 0',
    {
      AdjustmentType: 'ExactCapacity',
      StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: -1 }],
    },
  ],
  [
    'a negative lower bound needs a step without one below it',
    {
      StepAdjustments: [
        { MetricIntervalLowerBound: -10, MetricIntervalUpperBound: 0, ScalingAdjustment: -1 },
      ],
    },
  ],
  [
    'a positive upper bound needs a step without one above it',
    {
      StepAdjustments: [{ MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 1 }],
    },
  ],
]
for (const [says, change] of refusedSteps)
  row({ status: 'trace', source: preflight, says }, async (scene) => {
    const { name } = await scene.group()
    expect(await scene.refusal(putPolicy(scene, name, { ...step, ...change }))).toMatchObject({
      code: 'ValidationError',
      status: 400,
    })
  })

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, ec2-auto-scaling-quotas',
    says: '20 steps a policy at most',
  },
  async (scene) => {
    const { name } = await scene.group()
    await putPolicy(scene, name, { ...step, StepAdjustments: steps(20) })
    expect(
      await scene.refusal(putPolicy(scene, name, { ...step, StepAdjustments: steps(21) })),
    ).toMatchObject({ status: 400 })
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, ec2-auto-scaling-quotas',
    says: '50 policies a group at most',
  },
  async (scene) => {
    const { name } = await scene.group()
    for (let count = 0; count < 50; count++) await putPolicy(scene, name, simple, `policy-${count}`)
    expect(await scene.refusal(putPolicy(scene, name, simple))).toMatchObject({
      code: 'LimitExceeded',
      status: 400,
    })
    await putPolicy(scene, name, step, 'policy-0')
  },
)

row(
  { status: 'model', source: model, says: 'a predictive policy only forecasts unless said otherwise' },
  async (scene) => {
    const { name } = await scene.group()
    await putPolicy(scene, name, predictive)
    expect((await policiesOf(scene, name))[0]?.PredictiveScalingConfiguration?.Mode).toBe('ForecastOnly')
  },
)

row(
  {
    status: 'model',
    source: 'botocore cloudwatch, AlarmActions',
    says: 'an alarm that has it among its actions changes desired, and the cause names both',
  },
  async (scene) => {
    const { name } = await scene.group()
    const { PolicyARN } = await putPolicy(scene, name, simple)
    const busy = await alarm(scene, { AlarmActions: [PolicyARN ?? ''] })
    await ring(scene, busy, 'ALARM')
    await scene.until('desired 1', async () => (await scene.sizes(name))[2] === 1, 60)
    await scene.until('an activity', async () => (await scene.activities(name)).length > 0, 120)
    expect((await scene.activities(name))[0]?.Cause).toMatch(
      new RegExp(
        String.raw`a monitor alarm ${busy} in state ALARM triggered policy grow changing the desired capacity from 0 to 1\.`,
      ),
    )
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, as-enable-disable-scaling-policy',
    says: 'a disabled policy stays and does nothing; enabled again it acts at once on an alarm that rings',
  },
  async (scene) => {
    const { name } = await scene.group()
    const { PolicyARN } = await putPolicy(scene, name, { ...step, Enabled: false })
    const busy = await alarm(scene, { AlarmActions: [PolicyARN ?? ''] })
    await ring(scene, busy, 'ALARM')
    await scene.place.advance(20)
    expect(await policiesOf(scene, name)).toMatchObject([{ Enabled: false }])
    expect(await scene.sizes(name)).toEqual([0, 4, 0])
    await putPolicy(scene, name, step)
    await scene.until('desired 1', async () => (await scene.sizes(name))[2] === 1, 60)
  },
)
