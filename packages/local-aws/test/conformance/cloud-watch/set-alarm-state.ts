import { PutScalingPolicyCommand } from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { alarm, find, ring } from '../support/alarm.ts'
import { operation } from '../support/row.ts'

const { row } = operation('CloudWatch', 'SetAlarmState')
const model = 'cloudwatch 2010-08-01, SetAlarmState'

row(
  { status: 'model', source: model, says: 'an alarm that is not there is ResourceNotFound with 404' },
  async (scene) => {
    expect(await scene.refusal(ring(scene, scene.name(), 'ALARM'))).toMatchObject({
      code: 'ResourceNotFound',
      status: 404,
    })
  },
)

row({ status: 'model', source: model, says: 'the state and its reason are told at once' }, async (scene) => {
  const name = await alarm(scene)
  await ring(scene, name, 'ALARM')
  expect(await find(scene, name)).toMatchObject({ StateValue: 'ALARM', StateReason: 'by hand' })
})

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, as-scaling-simple-step',
    says: 'what ties an alarm to a policy is its action alone, and its ringing runs the policy',
  },
  async (scene) => {
    const { name, of } = await scene.group()
    const { PolicyARN = '' } = await scene.place.autoScaling.send(
      new PutScalingPolicyCommand({
        ...of,
        PolicyName: 'grow',
        PolicyType: 'StepScaling',
        AdjustmentType: 'ChangeInCapacity',
        StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
      }),
    )
    await ring(scene, await alarm(scene, { AlarmActions: [PolicyARN] }), 'ALARM')
    await scene.until('desired has grown', async () => (await scene.sizes(name))[2] === 1, 300)
  },
)
