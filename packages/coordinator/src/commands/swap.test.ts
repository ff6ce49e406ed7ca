import {
  DescribePoliciesCommand,
  PutScalingPolicyCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { portsOf } from '../../test/support/account.ts'
import { createService, type Service } from '../../test/support/fleet.ts'
import { common, v2 } from '../../test/support/options.ts'
import { groupOf } from '../../test/support/views.ts'
import { deploy } from './deploy.ts'
import { finish } from './finish.ts'
import { rollback } from './rollback.ts'

/** As infrastructure as code sets a pair up: both groups own the policy, and the idle one is kept from acting on it. */

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const acting = ['AlarmNotification', 'ScheduledActions']
/** Every change of a policy that a coordinator asked for. */
let changes: string[]
let service: Service

beforeEach(async () => {
  service = await createService()
  for (const AutoScalingGroupName of ['web-blue', 'web-green'])
    await service.clients.autoScaling.send(
      new PutScalingPolicyCommand({
        AutoScalingGroupName,
        PolicyName: 'cpu',
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingConfiguration: {
          PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
          TargetValue: 50,
        },
      }),
    )
  await service.clients.autoScaling.send(
    new SuspendProcessesCommand({ AutoScalingGroupName: 'web-green', ScalingProcesses: acting }),
  )
  changes = []
  service.intercept = async ({ operation }, proceed) => {
    if (operation.endsWith('Policy')) changes.push(operation)
    return proceed()
  }
})

async function suspended() {
  const [blue, green] = await Promise.all(
    ['web-blue', 'web-green'].map(async (name) => (await groupOf(service, name)).suspended),
  )
  return { blue, green }
}

async function policies(group: string) {
  const { ScalingPolicies = [] } = await service.clients.autoScaling.send(
    new DescribePoliciesCommand({ AutoScalingGroupName: group }),
  )
  return ScalingPolicies.map(({ PolicyName }) => PolicyName)
}

async function deployed() {
  const ports = portsOf(service, 'a')
  expect(await service.run(deploy(ports, v2))).toMatchObject({ exitCode: 0 })
  return ports.events.filter(({ event }) => event === 'warning').map(({ text }) => text)
}

describe('a pair that owns the same policies twice', () => {
  test('is recognised: none is moved, and the suspensions are exchanged with the traffic', async () => {
    expect(await deployed()).toContainEqual(expect.stringContaining('own the same policies'))
    expect(await suspended()).toEqual({ blue: ['AZRebalance', ...acting].toSorted(), green: [] })
    expect([await policies('web-blue'), await policies('web-green')]).toEqual([['cpu'], ['cpu']])
    expect(changes).toEqual([])
  })

  test('gets them exchanged back by a rollback', async () => {
    await deployed()
    await service.run(rollback(portsOf(service, 'b'), common))
    expect(await suspended()).toEqual({ blue: [], green: acting })
    expect(changes).toEqual([])
  })

  test('keeps the group that goes idle from acting after a finish, and can be deployed to again', async () => {
    await deployed()
    await service.run(finish(portsOf(service, 'b'), common))
    expect(await suspended()).toEqual({ blue: acting, green: [] })
    expect(await service.run(deploy(portsOf(service, 'c'), { ...v2, version: 'v3' }))).toMatchObject({
      exitCode: 0,
    })
    expect(await suspended()).toEqual({ blue: [], green: ['AZRebalance', ...acting].toSorted() })
    expect(changes).toEqual([])
  })

  test('under --scaling none is left alone altogether', async () => {
    const ports = portsOf(service, 'a')
    expect(await service.run(deploy(ports, { ...v2, scaling: 'none' }))).toMatchObject({ exitCode: 0 })
    expect((await suspended()).green).toEqual(acting)
    expect(changes).toEqual([])
  })
})
