import { UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { operation } from '../support/row.ts'

const { row } = operation('Auto Scaling', 'Zone rebalancing')

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, auto-scaling-benefits',
    says: 'the group exceeds max by one, or 10 %, for a while: it launches first and ends one after',
  },
  async (scene) => {
    const { name, of } = await scene.group({ DesiredCapacity: 4 })
    await scene.emptyZone(name)
    await scene.place.autoScaling.send(new UpdateAutoScalingGroupCommand({ ...of, MaxSize: 2 }))
    await scene.until('one above max', async () => (await scene.idsIn(name, 'InService')).length === 3, 900)
    await scene.until('max again', async () => (await scene.idsIn(name, 'InService')).length === 2, 900)
    expect(new Set(await scene.zonesIn(name, 'InService')).size).toBe(2)
    expect(await scene.sizes(name)).toEqual([0, 2, 2])
  },
)
