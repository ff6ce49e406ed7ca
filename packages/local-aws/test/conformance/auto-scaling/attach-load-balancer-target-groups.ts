import {
  AttachLoadBalancerTargetGroupsCommand,
  DescribeLoadBalancerTargetGroupsCommand,
} from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { health, targetGroup } from '../support/balancing.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('Auto Scaling', 'AttachLoadBalancerTargetGroups')
const quotas = 'Auto Scaling user guide, ec2-auto-scaling-quotas'

const attach = ({ place }: Scene, AutoScalingGroupName: string, TargetGroupARNs: string[]) =>
  place.autoScaling.send(new AttachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName, TargetGroupARNs }))
const states = async ({ place }: Scene, AutoScalingGroupName: string) => {
  const asked = new DescribeLoadBalancerTargetGroupsCommand({ AutoScalingGroupName })
  const { LoadBalancerTargetGroups } = await place.autoScaling.send(asked)
  return LoadBalancerTargetGroups?.map((one) => one.State)
}
const many = async (scene: Scene, count: number) => {
  const arns: string[] = []
  for (let made = 0; made < count; made++) arns.push(await targetGroup(scene, { listener: false }))
  return arns
}

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, load-balancer-status',
    says: 'what serves is registered; the state goes from Adding over Added to InService with the first healthy instance',
  },
  async (scene) => {
    const arn = await targetGroup(scene)
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    await attach(scene, name, [arn])
    expect(await states(scene, name)).toEqual(['Adding'])
    const seen = new Set<string | undefined>()
    await scene.until(
      'InService',
      async () => {
        const [state] = (await states(scene, name)) ?? []
        seen.add(state)
        return state === 'InService'
      },
      300,
    )
    expect((await health(scene, arn)).get(ids[0] ?? '')).toBe('healthy')
    expect([...seen].every((state) => ['Adding', 'Added', 'InService'].includes(state ?? ''))).toBe(true)
  },
)

row({ status: 'documented', source: quotas, says: '10 target groups a call at most' }, async (scene) => {
  const { name } = await scene.group()
  const arns = await many(scene, 11)
  expect(await scene.refusal(attach(scene, name, arns))).toMatchObject({
    code: 'ValidationError',
    status: 400,
  })
  await attach(scene, name, arns.slice(0, 10))
})

row(
  {
    status: 'documented',
    source: quotas,
    says: '50 target groups a group at most',
    local: 'It takes 51 target groups, half of what a Region allows.',
  },
  async (scene) => {
    const { name } = await scene.group()
    const arns = await many(scene, 51)
    for (let from = 0; from < 50; from += 10) await attach(scene, name, arns.slice(from, from + 10))
    expect(await scene.refusal(attach(scene, name, arns.slice(50)))).toMatchObject({
      code: 'LimitExceeded',
      status: 400,
    })
  },
)

row({ status: 'model', source: 'botocore autoscaling', says: 'repeating it is harmless' }, async (scene) => {
  const arn = await targetGroup(scene)
  const { name } = await scene.group()
  await attach(scene, name, [arn])
  await attach(scene, name, [arn])
  expect(await states(scene, name)).toHaveLength(1)
})
