import { DescribeAutoScalingInstancesCommand } from '@aws-sdk/client-auto-scaling'
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { DeregisterTargetsCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { expect } from 'vitest'
import { failChecks, groupWithElbChecks, targetBecomes, targetGroup } from '../support/balancing.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

/** What a group finds out by itself. */
const { row, assumed } = operation('Auto Scaling', 'Health checks')
const checks = 'Auto Scaling user guide, ec2-auto-scaling-health-checks'

const replaced = (scene: Scene, name: string, id = '') =>
  scene.until(
    'a replacement',
    async () => {
      const serving = await scene.idsIn(name, 'InService')
      return serving.length > 0 && !serving.includes(id)
    },
    900,
  )

row(
  {
    status: 'documented',
    source: checks,
    says: 'an instance that EC2 ends is unhealthy at once and replaced, grace period or not',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1, HealthCheckGracePeriod: 3_600 })
    await scene.place.ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }))
    const asked = new DescribeAutoScalingInstancesCommand({ InstanceIds: ids })
    await scene.until(
      'unhealthy',
      async () =>
        (await scene.place.autoScaling.send(asked)).AutoScalingInstances?.[0]?.HealthStatus === 'UNHEALTHY',
      30,
    )
    await replaced(scene, name, ids[0])
  },
)

row(
  {
    status: 'documented',
    source: checks,
    says: 'with EC2 checks only, what the load balancer says does not matter',
  },
  async (scene) => {
    const arn = await targetGroup(scene)
    const { name, ids } = await scene.group({ DesiredCapacity: 1, TargetGroupARNs: [arn] })
    await targetBecomes(scene, arn, ids[0], 'healthy')
    await failChecks(scene, arn)
    await targetBecomes(scene, arn, ids[0], 'unhealthy')
    await scene.place.advance(120)
    expect(await scene.idsIn(name, 'InService')).toEqual(ids)
  },
)

row(
  { status: 'documented', source: checks, says: 'with ELB checks an instance that fails them is replaced' },
  async (scene) => {
    const { arn, name, ids } = await groupWithElbChecks(scene)
    await failChecks(scene, arn)
    await replaced(scene, name, ids[0])
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, load-balancer-status',
    says: 'ELB checks count only once one instance has been healthy there',
  },
  async (scene) => {
    const arn = await targetGroup(scene)
    await failChecks(scene, arn)
    const { name, ids } = await scene.group({
      DesiredCapacity: 1,
      TargetGroupARNs: [arn],
      HealthCheckType: 'ELB',
    })
    await targetBecomes(scene, arn, ids[0], 'unhealthy')
    await scene.place.advance(300)
    expect(await scene.idsIn(name, 'InService')).toEqual(ids)
  },
)

row(
  {
    status: 'trace',
    source: 'operators on several forums',
    says: 'one attached target group that calls it unhealthy is enough',
  },
  async (scene) => {
    const [one, other] = [await targetGroup(scene), await targetGroup(scene)]
    const { name, ids } = await scene.group({
      DesiredCapacity: 1,
      TargetGroupARNs: [one, other],
      HealthCheckType: 'ELB',
    })
    for (const arn of [one, other]) await targetBecomes(scene, arn, ids[0], 'healthy')
    await scene.place.advance(60)
    await failChecks(scene, other)
    await replaced(scene, name, ids[0])
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, health-check-grace-period',
    says: 'ELB checks count only after the grace period, which begins with InService',
  },
  async (scene) => {
    const arn = await targetGroup(scene)
    const settings = { TargetGroupARNs: [arn], HealthCheckType: 'ELB', HealthCheckGracePeriod: 240 }
    const { name, ids } = await scene.group({ DesiredCapacity: 1, ...settings })
    const from = scene.place.now()
    await targetBecomes(scene, arn, ids[0], 'healthy')
    await scene.place.advance(30)
    await failChecks(scene, arn)
    await targetBecomes(scene, arn, ids[0], 'unhealthy')
    await scene.until(
      'unhealthy',
      async () => (await scene.find(name)).Instances?.[0]?.HealthStatus === 'Unhealthy',
      600,
    )
    expect(scene.place.now() - from).toBeGreaterThanOrEqual(235_000)
  },
)

assumed(
  {
    source: 'operators on several forums say one, a sentence of the ALB guide on unused targets the other',
    says: 'what becomes of an instance whose target drains or is not registered',
    here: 'InService, Healthy',
  },
  async (scene) => {
    const { arn, name, ids } = await groupWithElbChecks(scene)
    const Targets = ids.map((Id) => ({ Id }))
    await scene.place.elb.send(new DeregisterTargetsCommand({ TargetGroupArn: arn, Targets }))
    await scene.place.advance(180)
    const { Instances = [] } = await scene.find(name)
    const same = Instances.find(({ InstanceId }) => InstanceId === ids[0])
    return same ? `${same.LifecycleState}, ${same.HealthStatus}` : 'replaced'
  },
)
