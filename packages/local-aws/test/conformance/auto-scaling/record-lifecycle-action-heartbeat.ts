import { RecordLifecycleActionHeartbeatCommand } from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { putLaunchHook } from '../support/lifecycle-hooks.ts'
import { invalid, stranger } from '../support/refused.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('Auto Scaling', 'RecordLifecycleActionHeartbeat')
const guide = 'Auto Scaling user guide, lifecycle-hooks'

const beat = ({ place }: Scene, AutoScalingGroupName: string, InstanceId: string) =>
  place.autoScaling.send(
    new RecordLifecycleActionHeartbeatCommand({
      AutoScalingGroupName,
      LifecycleHookName: 'boot',
      InstanceId,
    }),
  )
const waiting = async (scene: Scene) => {
  const { name } = await scene.group()
  await putLaunchHook(scene, name, { HeartbeatTimeout: 60 })
  const [id = ''] = await scene.launch(name, 1, 'Pending:Wait')
  return { name, id }
}

row({ status: 'documented', source: guide, says: 'the timeout begins anew with each' }, async (scene) => {
  const { name, id } = await waiting(scene)
  for (let count = 0; count < 3; count++) {
    await scene.place.advance(40)
    await beat(scene, name, id)
  }
  expect((await scene.states(name)).get(id)).toBe('Pending:Wait')
  await scene.until('the timeout', async () => (await scene.states(name)).get(id) !== 'Pending:Wait', 90)
})

row(
  {
    status: 'documented',
    source: guide,
    says: 'no heartbeat reaches beyond 100 timeouts',
    local: 'It takes 100 minutes.',
  },
  async (scene) => {
    const { name, id } = await waiting(scene)
    const from = scene.place.now()
    const waits = async () => {
      await beat(scene, name, id).catch(() => {})
      await scene.place.advance(50)
      return (await scene.states(name)).get(id) === 'Pending:Wait'
    }
    while (await waits());
    expect(scene.place.now() - from).toBeGreaterThan(95 * 60_000)
    expect(scene.place.now() - from).toBeLessThan(102 * 60_000)
  },
)

row(
  {
    status: 'trace',
    source: 'AutoSpotting, lifecycled and others',
    says: 'an instance that does not wait is refused',
  },
  async (scene) => {
    const { name } = await waiting(scene)
    expect(await scene.refusal(beat(scene, name, stranger))).toEqual(
      invalid(`No active Lifecycle Action found with instance ID ${stranger}`),
    )
  },
)
