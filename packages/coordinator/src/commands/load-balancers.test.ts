import type { Intercept } from '@switchover/local-aws/wire/intercept'
import { describe, expect, test, vi } from 'vitest'
import { portsOf } from '../../test/support/account.ts'
import { createService, type Service } from '../../test/support/fleet.ts'
import type { SourceKind } from '../../test/support/load-balancers.ts'
import { common, v2 } from '../../test/support/options.ts'
import { deploy } from './deploy.ts'
import { finish } from './finish.ts'
import { rollback } from './rollback.ts'

// Minutes of simulated time in the work of a second or two, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const settings: [string, SourceKind[]][] = [
  ['two target groups', ['alb', 'admin']],
  ['a Network Load Balancer', ['nlb']],
  ['a classic load balancer', ['classic']],
  ['an Application and a classic load balancer', ['alb', 'classic']],
]

/** At every changing call of Auto Scaling, how many instances all load balancers then send new requests to. */
function watchCapacity(service: Service): number[] {
  const seen: number[] = []
  service.intercept = async (call, proceed) => {
    const response = await proceed()
    if (call.service === 'autoscaling' && !call.operation.startsWith('Describe'))
      seen.push((await service.healthy()).length)
    return response
  }
  return seen
}

async function lifecycles(service: Service, group: string): Promise<(string | undefined)[]> {
  return ((await service.group(group)).Instances ?? []).map(({ LifecycleState }) => LifecycleState)
}

/** Instances of any load balancer, whatever their state there. */
function registered({ cloud }: Service): string[] {
  const { targetGroups, classic } = cloud.loadBalancing
  const ids = [...targetGroups.values(), ...classic.values()].flatMap(({ targets }) => [...targets.keys()])
  return [...new Set(ids)].toSorted()
}

describe.each(settings)('behind %s', (_, sources) => {
  test('traffic moves, goes back to the same instances, moves again and stays', async () => {
    const service = await createService(2, { sources })
    const before = await service.healthy()
    expect(before).toHaveLength(2)
    const capacity = watchCapacity(service)
    expect(await service.run(deploy(portsOf(service, 'a'), v2))).toMatchObject({
      outcome: 'done',
      exitCode: 0,
    })
    expect(await lifecycles(service, 'web-blue')).toEqual(['Standby', 'Standby'])
    const moved = await service.healthy()
    expect(moved.filter((id) => before.includes(id))).toEqual([])
    expect(registered(service)).toEqual(moved)
    expect(await service.run(rollback(portsOf(service, 'b'), common))).toMatchObject({
      outcome: 'rolled-back',
    })
    expect([await service.healthy(), registered(service)]).toEqual([before, before])
    expect(await lifecycles(service, 'web-green')).toEqual([])
    expect(await service.run(deploy(portsOf(service, 'c'), v2))).toMatchObject({ outcome: 'done' })
    expect(await service.run(finish(portsOf(service, 'd'), common))).toMatchObject({ outcome: 'done' })
    const last = await service.healthy()
    expect([last.length, registered(service), await service.running()]).toEqual([2, last, last])
    expect(Math.min(...capacity)).toBe(2)
  })

  test('a fleet without agents is deployed, rolled back and finished by the load balancer alone', async () => {
    const service = await createService(2, { sources, agents: false })
    const before = await service.healthy()
    const capacity = watchCapacity(service)
    const wish = { ...v2, readiness: 'load-balancer' as const }
    expect(await service.run(deploy(portsOf(service, 'a'), wish))).toMatchObject({
      outcome: 'done',
      exitCode: 0,
    })
    expect(await lifecycles(service, 'web-blue')).toEqual(['Standby', 'Standby'])
    expect(await service.run(rollback(portsOf(service, 'b'), common))).toMatchObject({
      outcome: 'rolled-back',
    })
    expect(await service.healthy()).toEqual(before)
    expect(await service.run(deploy(portsOf(service, 'c'), wish))).toMatchObject({ outcome: 'done' })
    expect(await service.run(finish(portsOf(service, 'd'), common))).toMatchObject({ outcome: 'done' })
    const last = await service.healthy()
    expect([last.length, await service.running()]).toEqual([2, last])
    expect(Math.min(...capacity)).toBe(2)
  })
})

test('without agents, one version that never answers fails at the time limit and leaves live as it was', async () => {
  const service = await createService(2, { sources: ['classic'], agents: false })
  service.behaviours.set('v2', 'broken')
  const before = await service.healthy()
  const wish = { ...v2, readiness: 'load-balancer' as const, timeoutMs: 300_000 }
  const result = await service.run(deploy(portsOf(service, 'a'), wish))
  expect(result).toMatchObject({ outcome: 'failed', exitCode: 1 })
  expect(result.text).toMatch(/in old-web \(Instance has (?:failed|not passed)/)
  expect([await service.healthy(), registered(service)]).toEqual([before, before])
  expect(await lifecycles(service, 'web-green')).toEqual([])
})

test('each source is asked once a turn for health, and once a phase for its settings', async () => {
  const service = await createService(2, { sources: ['alb', 'classic'] })
  const asked = new Map<string, number>()
  service.intercept = async ({ operation }, proceed) => {
    asked.set(operation, (asked.get(operation) ?? 0) + 1)
    return proceed()
  }
  await service.run(deploy(portsOf(service, 'a'), v2))
  const health = asked.get('DescribeInstanceHealth') ?? 0
  expect(health).toBeGreaterThan(10)
  // One more of each but this is preflight's.
  expect(asked.get('DescribeTargetHealth')).toBe(health + 1)
  expect(asked.get('DescribeTargetGroupAttributes')).toBe(1 + 2)
  expect(asked.get('DescribeLoadBalancerAttributes')).toBe(1 + 2)
})

/** Says of the new group's targets that they are in another state, and counts parkings. */
function newTargetsAre(service: Service, state: string): { parkings: number } {
  const seen = { parkings: 0 }
  service.intercept = async (call, proceed) => {
    if (call.operation === 'EnterStandby') seen.parkings += 1
    const response = await proceed()
    if (call.operation !== 'DescribeTargetHealth') return response
    const fresh = [...(service.cloud.autoScaling.groups.get('web-green')?.members.keys() ?? [])]
    const body = fresh.reduce(
      (text, id) => text.replace(new RegExp(`(<Id>${id}</Id>.*?<State>)healthy`), `$1${state}`),
      Buffer.from(response.body).toString('utf8'),
    )
    return { ...response, body: Buffer.from(body) }
  }
  return seen
}

test.each(['unhealthy.draining', 'unavailable', 'resting'])(
  'new instances that read %s never count as healthy',
  async (state) => {
    const service = await createService()
    const before = await service.healthy()
    const seen = newTargetsAre(service, state)
    const result = await service.run(deploy(portsOf(service, 'a'), { ...v2, timeoutMs: 120_000 }))
    expect(result).toMatchObject({ outcome: 'failed', exitCode: 1 })
    expect(result.text).toContain(`${state} in alb`)
    expect(seen.parkings).toBe(0)
    expect(await service.healthy()).toEqual(before)
  },
)

test.each([
  ['elasticloadbalancing', 'DescribeTargetHealth', 'HealthUnavailable'],
  ['elasticloadbalancing', 'DescribeInstanceHealth', 'InternalFailure'],
])('%s has no answer to %s for a while: nothing is done, then it goes on', async (_, operation, code) => {
  const service = await createService(2, { sources: ['alb', 'classic'] })
  let [changes, silent] = [0, 0]
  const answer: Intercept = async (call, proceed) => {
    const change = call.service === 'autoscaling' && !call.operation.startsWith('Describe')
    if (change) changes += 1
    if (call.operation !== operation || changes < 2 || silent >= 8) return proceed()
    silent += 1
    const body = `<ErrorResponse><Error><Type>Receiver</Type><Code>${code}</Code><Message>Health is unavailable.</Message></Error></ErrorResponse>`
    return { status: 500, headers: { 'content-type': 'text/xml' }, body: Buffer.from(body) }
  }
  const duringSilence: string[] = []
  service.intercept = async (call, proceed, request) => {
    if (silent > 0 && silent < 8 && call.service === 'autoscaling' && !call.operation.startsWith('Describe'))
      duringSilence.push(call.operation)
    return answer(call, proceed, request)
  }
  const ports = portsOf(service, 'a')
  expect(await service.run(deploy(ports, v2))).toMatchObject({ outcome: 'done', exitCode: 0 })
  expect([silent, duringSilence]).toEqual([8, []])
  expect(ports.events).toContainEqual(
    expect.objectContaining({ event: 'warning', text: expect.stringContaining('Health is unavailable') }),
  )
})
