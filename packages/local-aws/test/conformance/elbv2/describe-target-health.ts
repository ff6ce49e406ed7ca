import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { expect } from 'vitest'
import { targetGroup } from '../support/balancing.ts'
import { oneTarget } from '../support/one-target.ts'
import { operation } from '../support/row.ts'

const { row } = operation('ELBv2', 'DescribeTargetHealth')
const healthChecks = 'Application Load Balancer guide, target-group-health-checks'
const networkChecks = 'Network Load Balancer guide, target-group-health-checks'
const model = 'elbv2 2015-12-01, TargetHealth'
const nobody = 'i-0123456789abcdef0'

row(
  {
    status: 'model',
    source: 'elbv2 2015-12-01, DescribeTargetHealth',
    says: 'tells of all targets in one answer, and a healthy one has no reason',
  },
  async (scene) => {
    const TargetGroupArn = await targetGroup(scene)
    const { ids } = await scene.group({ DesiredCapacity: 3, TargetGroupARNs: [TargetGroupArn] })
    const asked = new DescribeTargetHealthCommand({ TargetGroupArn })
    const told = async () => (await scene.place.elb.send(asked)).TargetHealthDescriptions ?? []
    await scene.until(
      'all healthy',
      async () => (await told()).every((one) => one.TargetHealth?.State === 'healthy'),
      300,
    )
    const rows = await told()
    expect(rows.map(({ Target }) => Target?.Id ?? '').toSorted()).toEqual(ids.toSorted())
    for (const one of rows)
      expect(one).toMatchObject({
        Target: { Port: 8_080 },
        HealthCheckPort: '8080',
        TargetHealth: { State: 'healthy' },
      })
    expect(rows.every(({ TargetHealth }) => TargetHealth?.Reason === undefined)).toBe(true)
  },
)

row(
  {
    status: 'trace',
    source: 'getmoto/moto#7692, compared with AWS',
    says: 'an instance that is not registered reads unused, and is no error',
  },
  async (scene) => {
    expect(await (await oneTarget(scene)).health()).toEqual({
      State: 'unused',
      Reason: 'Target.NotRegistered',
      Description: 'Target is not registered to the target group',
    })
  },
)

row(
  {
    status: 'model',
    source: 'elbv2 2015-12-01, DescribeTargetHealth',
    says: 'an id that is nobody is InvalidTarget',
  },
  async (scene) => {
    const TargetGroupArn = await targetGroup(scene, { listener: false })
    const asked = new DescribeTargetHealthCommand({ TargetGroupArn, Targets: [{ Id: nobody }] })
    expect(await scene.refusal(scene.place.elb.send(asked))).toMatchObject({
      code: 'InvalidTarget',
      status: 400,
    })
  },
)

row(
  {
    status: 'trace',
    source: 'recorded by emulators of the API',
    says: 'a target group that is not there is TargetGroupNotFound',
  },
  async (scene) => {
    const arn = await targetGroup(scene, { listener: false })
    const TargetGroupArn = arn.replace(/[0-9a-f]{16}$/, '0123456789abcdef')
    expect(
      await scene.refusal(scene.place.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }))),
    ).toEqual({ code: 'TargetGroupNotFound', status: 400, message: 'One or more target groups not found' })
  },
)

row(
  {
    status: 'documented',
    source: healthChecks,
    says: 'a target of a group without a listener is unused for ever',
  },
  async (scene) => {
    const { register, health } = await oneTarget(scene, { listener: false })
    await register()
    for (let time = 0; time < 4; time += 1) {
      await scene.place.advance(15)
      expect(await health()).toMatchObject({ State: 'unused', Reason: 'Target.NotInUse' })
    }
  },
)

row(
  {
    status: 'model',
    source: model,
    says: 'a new target is initial, being registered or being checked, until it is healthy',
  },
  async (scene) => {
    const { register, health } = await oneTarget(scene)
    await register()
    const reasons = new Set<string>()
    await scene.until(
      'healthy',
      async () => {
        const { State, Reason } = await health()
        if (State !== 'healthy') reasons.add(`${State} ${Reason}`)
        return State === 'healthy'
      },
      120,
    )
    expect(reasons.size).toBeGreaterThan(0)
    const initial = ['initial Elb.RegistrationInProgress', 'initial Elb.InitialHealthChecking']
    expect([...reasons].filter((one) => !initial.includes(one))).toEqual([])
  },
)

row(
  {
    status: 'documented',
    source: healthChecks,
    says: 'a new target needs one good check, whatever the healthy threshold',
  },
  async (scene) => {
    const { register, reach } = await oneTarget(scene, { settings: { HealthyThresholdCount: 10 } })
    await register()
    expect(await reach('healthy')).toBeLessThan(45)
  },
)

row(
  {
    status: 'documented',
    source: healthChecks,
    says: 'as many bad checks as the unhealthy threshold make it unhealthy, and the reason tells the code',
  },
  async (scene) => {
    const { register, reach, change, health } = await oneTarget(scene)
    await register()
    await reach('healthy')
    await change({ HealthCheckPath: '/none' })
    expect(await reach('unhealthy', 60)).toBeGreaterThan(4)
    expect(await health()).toEqual({
      State: 'unhealthy',
      Reason: 'Target.ResponseCodeMismatch',
      Description: 'Health checks failed with these codes: [404]',
    })
  },
)

row(
  {
    status: 'documented',
    source: healthChecks,
    says: 'an unhealthy target recovers by as many good checks as the healthy threshold',
  },
  async (scene) => {
    const settings = { HealthyThresholdCount: 4 }
    const { register, reach, change } = await oneTarget(scene, { settings })
    await register()
    await reach('healthy')
    await change({ HealthCheckPath: '/none' })
    await reach('unhealthy')
    await change({ HealthCheckPath: '/ok' })
    expect(await reach('healthy')).toBeGreaterThan(14)
  },
)

row(
  { status: 'model', source: model, says: 'where nobody listens the check fails, or runs out of time' },
  async (scene) => {
    const { register, reach, health } = await oneTarget(scene, { settings: { HealthCheckPort: '9' } })
    await register()
    await reach('unhealthy')
    expect((await health()).Reason).toMatch(/^Target\.(?:FailedHealthChecks|Timeout)$/)
  },
)

row(
  {
    status: 'documented',
    source: 'Application Load Balancer guide, load-balancer-target-groups',
    says: 'a deregistered target is told as draining for the whole delay, though nothing is under way',
  },
  async (scene) => {
    const { register, deregister, reach, health, state } = await oneTarget(scene, { drainS: 30 })
    await register()
    await reach('healthy')
    await deregister()
    expect(await health()).toMatchObject({ State: 'draining', Reason: 'Target.DeregistrationInProgress' })
    await scene.place.advance(24)
    expect(await state()).toBe('draining')
    await reach('unused', 30)
  },
)

row(
  {
    status: 'model',
    source: model,
    says: 'a target whose instance is stopped is unused, and the reason is its state',
    local: 'StopInstances is not part of the local AWS',
  },
  async (scene) => {
    const { register, reach, health, Id } = await oneTarget(scene)
    await register()
    await reach('healthy')
    Object.assign(scene.cloud.ec2.existing(Id), { state: 'stopped' })
    expect(await health()).toMatchObject({ State: 'unused', Reason: 'Target.InvalidState' })
  },
)

row(
  {
    status: 'documented',
    source: healthChecks,
    says: 'where every target is unhealthy, requests go to all of them',
    local: 'where requests go is asked of the model',
  },
  async (scene) => {
    const { TargetGroupArn, Id, register, reach, change } = await oneTarget(scene)
    await register()
    await reach('healthy')
    await change({ HealthCheckPath: '/none' })
    await reach('unhealthy')
    expect(scene.cloud.loadBalancing.eligible(TargetGroupArn)).toMatchObject([{ instanceId: Id }])
  },
)

const network = { settings: { Protocol: 'TCP', HealthCheckProtocol: 'HTTP' } } as const
const networkOnly = 'a run in an account has no Network Load Balancer'

row(
  {
    status: 'documented',
    source: networkChecks,
    says: 'at a Network Load Balancer a new target is initial for minutes',
    local: networkOnly,
  },
  async (scene) => {
    const { register, reach } = await oneTarget(scene, network)
    await register()
    expect(await reach('healthy', 600)).toBeGreaterThanOrEqual(60)
  },
)

row(
  {
    status: 'model',
    source: 'elbv2 2015-12-01, TargetHealthStateEnum',
    says: 'a Network Load Balancer that lets flows of unhealthy targets end tells unhealthy.draining meanwhile',
    local: networkOnly,
  },
  async (scene) => {
    const { TargetGroupArn, register, reach, change } = await oneTarget(scene, network)
    const group = scene.cloud.loadBalancing.targetGroup(TargetGroupArn)
    Object.assign(group.attributes, {
      'target_health_state.unhealthy.connection_termination.enabled': 'false',
      'target_health_state.unhealthy.draining_interval_seconds': '60',
    })
    await register()
    await reach('healthy', 600)
    await change({ HealthCheckPath: '/none' })
    await reach('unhealthy.draining')
    expect(await reach('unhealthy')).toBeGreaterThan(45)
  },
)
