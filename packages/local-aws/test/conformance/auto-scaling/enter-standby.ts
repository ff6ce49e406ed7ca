import { EnterStandbyCommand } from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { health, targetGroup } from '../support/balancing.ts'
import { operation } from '../support/row.ts'

const { row } = operation('Auto Scaling', 'EnterStandby')
const enter = (AutoScalingGroupName: string, InstanceIds: string[], ShouldDecrementDesiredCapacity = true) =>
  new EnterStandbyCommand({ AutoScalingGroupName, InstanceIds, ShouldDecrementDesiredCapacity })

row(
  {
    status: 'trace',
    source: 'AWS CLI against a real group, 2025-06-21',
    says: 'a decrement below min is refused, and the sentence names all sizes',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ MinSize: 1, MaxSize: 1 })
    expect(await scene.refusal(scene.place.autoScaling.send(enter(name, ids)))).toEqual({
      code: 'ValidationError',
      status: 400,
      message: `AutoScalingGroup ${name} has min-size=1, max-size=1, and desired-size=1. To place into standby 1 instance, please update the AutoScalingGroup sizes appropriately.`,
    })
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, as-enter-exit-standby',
    says: 'the instance is deregistered and stays EnteringStandby until its drain is over',
  },
  async (scene) => {
    const TargetGroupARNs = [await targetGroup(scene, { drainS: 30 })]
    const { name, ids } = await scene.group({ DesiredCapacity: 1, TargetGroupARNs })
    const [id = ''] = ids
    const state = async () => (await health(scene, TargetGroupARNs[0] ?? '')).get(id)
    await scene.until('healthy', async () => (await state()) === 'healthy', 300)
    await scene.place.autoScaling.send(enter(name, ids))
    expect((await scene.states(name)).get(id)).toBe('EnteringStandby')
    expect(await state()).toBe('draining Target.DeregistrationInProgress')
    const from = scene.place.now()
    await scene.reach(name, ids, 'Standby')
    expect(scene.place.now() - from).toBeGreaterThanOrEqual(28_000)
    expect(await state()).toBeUndefined()
  },
)
