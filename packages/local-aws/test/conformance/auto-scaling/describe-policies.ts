import { DescribePoliciesCommand, type DescribePoliciesCommandInput } from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { alarm } from '../support/alarm.ts'
import { policiesOf, predictive, putPolicy, simple, step, tracking } from '../support/policies.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('Auto Scaling', 'DescribePolicies')
const model = 'botocore autoscaling'

const names = async ({ place }: Scene, input: DescribePoliciesCommandInput) =>
  ((await place.autoScaling.send(new DescribePoliciesCommand(input))).ScalingPolicies ?? []).map(
    (one) => one.PolicyName,
  )

row(
  { status: 'model', source: model, says: 'by names and by ARNs; unknown ones are left out' },
  async (scene) => {
    const { name, of } = await scene.group()
    const { PolicyARN } = await putPolicy(scene, name, simple, 'one')
    await putPolicy(scene, name, step, 'other')
    expect(await names(scene, { ...of, PolicyNames: ['other', 'never'] })).toEqual(['other'])
    expect(await names(scene, { PolicyNames: [PolicyARN ?? ''] })).toEqual(['one'])
  },
)

row({ status: 'model', source: model, says: 'by type' }, async (scene) => {
  const { name, of } = await scene.group()
  await putPolicy(scene, name, simple, 'one')
  await putPolicy(scene, name, step, 'other')
  expect(await names(scene, { ...of, PolicyTypes: ['StepScaling'] })).toEqual(['other'])
})

row({ status: 'model', source: model, says: '50 names at most' }, async (scene) => {
  const { of } = await scene.group()
  const PolicyNames = Array.from({ length: 51 }, (_, index) => `policy-${index}`)
  expect(await scene.refusal(names(scene, { ...of, PolicyNames }))).toMatchObject({
    code: 'ValidationError',
    status: 400,
  })
})

row({ status: 'model', source: model, says: 'pages are as long as MaxRecords says' }, async (scene) => {
  const { name, of } = await scene.group()
  for (const one of ['a', 'b']) await putPolicy(scene, name, simple, one)
  const first = await scene.place.autoScaling.send(new DescribePoliciesCommand({ ...of, MaxRecords: 1 }))
  expect(first.ScalingPolicies).toHaveLength(1)
  expect(await names(scene, { ...of, NextToken: first.NextToken })).toHaveLength(1)
})

row(
  { status: 'model', source: model, says: 'ARN and alarms are told beside the definition' },
  async (scene) => {
    const { name } = await scene.group()
    const { PolicyARN } = await putPolicy(scene, name, step)
    const busy = await alarm(scene, { AlarmActions: [PolicyARN ?? ''] })
    expect(await policiesOf(scene, name)).toMatchObject([
      { ...step, PolicyARN, Enabled: true, MetricAggregationType: 'Average', Alarms: [{ AlarmName: busy }] },
    ])
  },
)

row(
  { status: 'model', source: model, says: 'MinAdjustmentStep is told beside its new name' },
  async (scene) => {
    const { name } = await scene.group()
    await putPolicy(scene, name, {
      AdjustmentType: 'PercentChangeInCapacity',
      ScalingAdjustment: 20,
      MinAdjustmentMagnitude: 2,
    })
    expect(await policiesOf(scene, name)).toMatchObject([
      { PolicyType: 'SimpleScaling', MinAdjustmentMagnitude: 2, MinAdjustmentStep: 2 },
    ])
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, deleting-scaling-policy',
    says: 'policies without steps are told with an empty list of them, target tracking without an adjustment type',
  },
  async (scene) => {
    const { name } = await scene.group()
    for (const [one, definition] of Object.entries({ simple, tracking, predictive }))
      await putPolicy(scene, name, definition, one)
    const policies = await policiesOf(scene, name)
    expect(policies.map((one) => one.StepAdjustments)).toEqual([[], [], []])
    expect(policies.find((one) => one.PolicyName === 'tracking')?.AdjustmentType).toBeUndefined()
  },
)
