import { DetachInstancesCommand, ExitStandbyCommand } from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { putLaunchHook, putTerminationHook } from '../support/lifecycle-hooks.ts'
import { metadataService, onTheInstance } from '../support/metadata-service.ts'
import { operation } from '../support/row.ts'

const lifecycle = operation('IMDS', 'autoscaling/target-lifecycle-state')
const spot = operation('IMDS', 'spot/instance-action')
const rebalance = operation('IMDS', 'events/recommendations/rebalance')
const guide = 'Auto Scaling user guide, retrieving-target-lifecycle-state-through-imds'
const notices = 'EC2 user guide, spot-instance-termination-notices'
const path = 'autoscaling/target-lifecycle-state'
const local = onTheInstance

lifecycle.row(
  { status: 'documented', source: guide, says: 'an instance in service reads InService', local },
  async (scene) => {
    const { ids } = await scene.group({ DesiredCapacity: 1 })
    const { get } = await metadataService(scene, ids)
    expect((await get(path)).body).toBe('InService')
  },
)

lifecycle.row(
  {
    status: 'documented',
    source: guide,
    says: 'it is the target: InService while the launch hook waits, Terminated while the termination hook does',
    local,
  },
  async (scene) => {
    const { name } = await scene.group()
    await putLaunchHook(scene, name, { LifecycleHookName: 'up' })
    const ids = await scene.launch(name, 1, 'Pending:Wait')
    const { get } = await metadataService(scene, ids)
    await scene.place.advance(5)
    expect((await get(path)).body).toBe('InService')
    await putTerminationHook(scene, name, { LifecycleHookName: 'down' })
    const group = scene.cloud.autoScaling.group(name)
    scene.cloud.autoScaling.moves.actions.complete(
      group,
      'up',
      { token: undefined, instanceId: ids[0] },
      'CONTINUE',
    )
    await scene.reach(name, ids, 'InService')
    await scene.desire(name, 0)
    await scene.reach(name, ids, 'Terminating:Wait')
    await scene.place.advance(5)
    expect((await get(path)).body).toBe('Terminated')
  },
)

lifecycle.row(
  {
    status: 'documented',
    source: guide,
    says: 'it turns with the move: Standby on the way in, InService on the way out',
    local,
  },
  async (scene) => {
    const { name, of, ids } = await scene.group({ DesiredCapacity: 1 })
    const { get } = await metadataService(scene, ids)
    await scene.park(name, ids)
    await scene.place.advance(5)
    expect((await get(path)).body).toBe('Standby')
    await scene.place.autoScaling.send(new ExitStandbyCommand({ ...of, InstanceIds: ids }))
    await scene.reach(name, ids, 'InService')
    await scene.place.advance(5)
    expect((await get(path)).body).toBe('InService')
  },
)

lifecycle.row(
  {
    status: 'documented',
    source: guide,
    says: 'an instance that has been detached goes on reading Detached',
    local,
  },
  async (scene) => {
    const { of, ids } = await scene.group({ DesiredCapacity: 1 })
    const { get } = await metadataService(scene, ids)
    const move = { ...of, InstanceIds: ids, ShouldDecrementDesiredCapacity: true }
    await scene.place.autoScaling.send(new DetachInstancesCommand(move))
    await scene.place.advance(60)
    expect((await get(path)).body).toBe('Detached')
  },
)

spot.row(
  { status: 'documented', source: notices, says: 'it is 404 until there is a notice', local },
  async (scene) => {
    const { ids } = await scene.group({ DesiredCapacity: 1 })
    const { get } = await metadataService(scene, ids)
    for (const one of ['spot/instance-action', 'spot/termination-time'])
      expect((await get(one)).status).toBe(404)
  },
)

spot.row(
  {
    status: 'documented',
    source: notices,
    says: 'a notice names action and moment, two minutes ahead; then EC2 ends the instance',
    local,
  },
  async (scene) => {
    const { ids } = await scene.group({ DesiredCapacity: 1 })
    const [id = ''] = ids
    const { get } = await metadataService(scene, ids)
    scene.cloud.ec2.spot.interrupt(id)
    const notice = JSON.parse((await get('spot/instance-action')).body) as { action: string; time: string }
    expect(notice.action).toBe('terminate')
    expect(notice.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    const ahead = (Date.parse(notice.time) - scene.place.now()) / 1_000
    expect(ahead).toBeGreaterThan(118)
    expect(ahead).toBeLessThanOrEqual(120)
    expect((await get('spot/termination-time')).body).toBe(notice.time)
    await scene.place.advance(130)
    expect(scene.cloud.ec2.stateOf(id)).toBe('terminated')
  },
)

rebalance.row(
  {
    status: 'documented',
    source: 'EC2 user guide, rebalance-recommendations',
    says: 'it is 404 until there is one, and then tells when it was given',
    local,
  },
  async (scene) => {
    const { ids } = await scene.group({ DesiredCapacity: 1 })
    const { get } = await metadataService(scene, ids)
    expect((await get('events/recommendations/rebalance')).status).toBe(404)
    scene.cloud.ec2.spot.recommendRebalance(ids[0] ?? '')
    const { noticeTime } = JSON.parse((await get('events/recommendations/rebalance')).body) as {
      noticeTime: string
    }
    expect(Math.abs(Date.parse(noticeTime) - scene.place.now())).toBeLessThan(2_000)
  },
)
