import { EnterStandbyCommand, ExitStandbyCommand } from '@aws-sdk/client-auto-scaling'
import { describe, expect, test } from 'vitest'
import { stranger, strangers } from './conformance/support/refused.ts'
import { createService } from './support/service.ts'

const name = 'web-blue'

async function serving(MinSize = 0) {
  const service = await createService()
  const ids = await service.createGroup(name, { MinSize, MaxSize: 4, DesiredCapacity: 2 })
  return { ...service, ids }
}

const enter = (ids: string[]) =>
  new EnterStandbyCommand({
    AutoScalingGroupName: name,
    InstanceIds: ids,
    ShouldDecrementDesiredCapacity: true,
  })
const exit = (ids: string[]) => new ExitStandbyCommand({ AutoScalingGroupName: name, InstanceIds: ids })

/** What AWS says and does is in the conformance suite; this is what was settled for here where it says nothing. */
describe('Standby', () => {
  test.each([
    {
      why: 'a stranger before the sizes are looked at',
      pick: (ids: string[]) => [...ids, stranger],
      message: `The instance ${stranger} is not part of Auto Scaling group ${name}.`,
    },
    {
      why: 'too many ids before anything else',
      pick: () => strangers(21),
      message: 'The number of instance ids that may be passed in is limited to 20',
    },
  ])('is refused for $why', async ({ pick, message }) => {
    const { autoScaling, ids } = await serving(2)
    await expect(autoScaling.send(enter(pick(ids)))).rejects.toThrow(message)
  })

  test('leaves the IMDS telling, a little late, where the instance is heading', async () => {
    const { autoScaling, cloud, ids, clock } = await serving()
    const [id = ''] = ids
    expect(cloud.autoScaling.targetLifecycleState(id)).toBe('InService')
    await autoScaling.send(enter([id]))
    expect(cloud.autoScaling.targetLifecycleState(id)).toBe('InService')
    await clock.advance(1_000)
    expect(cloud.autoScaling.targetLifecycleState(id)).toBe('Standby')
    await clock.advance(120_000)
    await autoScaling.send(exit([id]))
    expect(cloud.autoScaling.targetLifecycleState(id)).toBe('Standby')
    await clock.advance(1_000)
    expect(cloud.autoScaling.targetLifecycleState(id)).toBe('InService')
    expect(cloud.autoScaling.targetLifecycleState(stranger)).toBeNull()
  })

  test('is left for the load balancer with one good check', async () => {
    const { autoScaling, cloud, clock, health, ids } = await serving()
    await autoScaling.send(enter(ids))
    await clock.advance(120_000)
    await autoScaling.send(exit(ids))
    const lifecycle = (id: string) => cloud.autoScaling.find(id)?.member.lifecycle
    await clock.runUntil(() => ids.every((id) => lifecycle(id) === 'InService'), 20_000)
    expect([...(await health()).values()].every((state) => state.startsWith('initial '))).toBe(true)
    await clock.advance(5_000)
    expect([...(await health()).values()]).toEqual(['healthy', 'healthy'])
  })
})
