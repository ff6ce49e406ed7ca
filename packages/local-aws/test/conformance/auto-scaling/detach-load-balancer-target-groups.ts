import {
  DescribeLoadBalancerTargetGroupsCommand,
  DetachLoadBalancerTargetGroupsCommand,
} from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { health, targetGroup } from '../support/balancing.ts'
import { operation } from '../support/row.ts'

const { row } = operation('Auto Scaling', 'DetachLoadBalancerTargetGroups')

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, load-balancer-status',
    says: 'the state is Removing while the instances drain, and they stay in service',
  },
  async (scene) => {
    const arn = await targetGroup(scene, { drainS: 30 })
    const { name, of, ids } = await scene.group({ DesiredCapacity: 1, TargetGroupARNs: [arn] })
    await scene.place.autoScaling.send(
      new DetachLoadBalancerTargetGroupsCommand({ ...of, TargetGroupARNs: [arn] }),
    )
    const attached = async () =>
      (await scene.place.autoScaling.send(new DescribeLoadBalancerTargetGroupsCommand(of)))
        .LoadBalancerTargetGroups ?? []
    expect(await attached()).toMatchObject([{ State: 'Removing' }])
    expect((await health(scene, arn)).get(ids[0] ?? '')).toBe('draining Target.DeregistrationInProgress')
    await scene.until('its end', async () => (await attached()).length === 0, 180)
    expect(await scene.idsIn(name, 'InService')).toEqual(ids)
  },
)
