import { expect } from 'vitest'
import { targetGroup } from '../support/balancing.ts'
import { putPolicy, tracking, type Definition } from '../support/policies.ts'
import { invalid } from '../support/refused.ts'
import { operation } from '../support/row.ts'

/** The part of PutScalingPolicy that is about target tracking. */
const { row, assumed } = operation('Auto Scaling', 'PutScalingPolicy')
const model = 'botocore autoscaling'
const preflight = 'badmintoncryer/cdk-preflight'
const guide = 'Auto Scaling user guide, as-scaling-target-tracking'

const track = (change: Partial<NonNullable<Definition['TargetTrackingConfiguration']>>): Definition => ({
  ...tracking,
  TargetTrackingConfiguration: {
    TargetValue: 50,
    ...tracking.TargetTrackingConfiguration,
    ...change,
  },
})

row(
  { status: 'trace', source: 'console and CLI traces', says: 'a target value is positive' },
  async (scene) => {
    const { name } = await scene.group()
    expect(await scene.refusal(putPolicy(scene, name, track({ TargetValue: 0 })))).toEqual(
      invalid('Target value must be between 8.51592E-12 and 1.174271E17'),
    )
  },
)

row(
  { status: 'trace', source: 'console and CLI traces', says: 'one target tracking policy for a metric' },
  async (scene) => {
    const { name } = await scene.group()
    await putPolicy(scene, name, tracking)
    await putPolicy(scene, name, track({ TargetValue: 60 }))
    expect(await scene.refusal(putPolicy(scene, name, tracking, 'another'))).toEqual(
      invalid('Only one TargetTrackingScaling policy for a given metric specification is allowed.'),
    )
  },
)

row(
  { status: 'trace', source: preflight, says: 'ALBRequestCountPerTarget needs a resource label' },
  async (scene) => {
    const { name } = await scene.group()
    const PredefinedMetricSpecification = { PredefinedMetricType: 'ALBRequestCountPerTarget' as const }
    expect(await scene.refusal(putPolicy(scene, name, track({ PredefinedMetricSpecification })))).toEqual(
      invalid('Resource label should be specified for predefined metric type ALBRequestCountPerTarget'),
    )
  },
)

row(
  {
    status: 'model',
    source: model,
    says: "ALBRequestCountPerTarget takes a target group of this group's own",
  },
  async (scene) => {
    const arn = await targetGroup(scene)
    const { name } = await scene.group()
    const ResourceLabel = `app/some/0123456789abcdef/${arn.slice(arn.indexOf('targetgroup/'))}`
    const PredefinedMetricSpecification = {
      PredefinedMetricType: 'ALBRequestCountPerTarget' as const,
      ResourceLabel,
    }
    expect(
      await scene.refusal(putPolicy(scene, name, track({ PredefinedMetricSpecification }))),
    ).toMatchObject({ code: 'ValidationError', status: 400 })
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'target tracking makes its own alarms, whose names begin with the kind and the group',
  },
  async (scene) => {
    const { name } = await scene.group()
    const { Alarms } = await putPolicy(scene, name, tracking)
    const names = Alarms?.map((one) => one.AlarmName ?? '').toSorted()
    expect(names).toHaveLength(2)
    expect(names?.[0]).toMatch(new RegExp(`^TargetTracking-${name}-AlarmHigh-[\\da-f-]{36}$`))
    expect(names?.[1]).toMatch(new RegExp(`^TargetTracking-${name}-AlarmLow-[\\da-f-]{36}$`))
  },
)

assumed(
  {
    source: 'the model says which fields target tracking takes, not what it says to others',
    says: 'target tracking with an adjustment type',
    here: 'ValidationError AdjustmentType is not supported for a TargetTrackingScaling policy',
  },
  async (scene) => {
    const { name } = await scene.group()
    return await scene.words(putPolicy(scene, name, { ...tracking, AdjustmentType: 'ChangeInCapacity' }))
  },
)
