import { PutLifecycleHookCommand, SetInstanceProtectionCommand } from '@aws-sdk/client-auto-scaling'
import { AwsError } from '@switchover/local-aws/wire/operation'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { portsOf } from '../../test/support/account.ts'
import { createService, type Behaviour, type Service } from '../../test/support/fleet.ts'
import { common, v2 } from '../../test/support/options.ts'
import { groupOf } from '../../test/support/views.ts'
import { deploy } from './deploy.ts'
import { resume } from './resume.ts'
import { rollback } from './rollback.ts'

let service: Service

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

beforeEach(async () => {
  service = await createService()
})

async function left(name: string) {
  const { sizes, ids, states, suspended } = await groupOf(service, name)
  return { sizes, instances: ids.map((id, index) => `${id} ${states[index]}`), suspended }
}
const empty = { sizes: [0, 4, 0], instances: [], suspended: [] }

/** What EC2 refuses launches with from now on; the first `times` of them. */
function refuseLaunches(code: string, message: string, times = Infinity): void {
  let refused = 0
  service.cloud.ec2.launchFault = () => (refused++ < times ? new AwsError(code, message) : null)
}

const capacity =
  'We currently do not have sufficient t3.small capacity in the Availability Zone you requested'

type Failure = [name: string, version: Behaviour, arrange: () => void, timeoutMs: number, words: RegExp[]]

const failures: Failure[] = [
  [
    'an agent that gives up',
    'broken',
    () => undefined,
    1_800_000,
    [/i-[0-9a-f]+ in web-green: The app never answered/, /i-[0-9a-f]+ web \| panic: no database/],
  ],
  [
    'a launch over quota',
    'good',
    () =>
      refuseLaunches(
        'VcpuLimitExceeded',
        'You have requested more vCPU capacity than your current vCPU limit of 32 allows',
      ),
    1_800_000,
    [/web-green cannot launch: You have requested more vCPU/],
  ],
  [
    'a launch nobody may do',
    'good',
    () => refuseLaunches('UnauthorizedOperation', 'You are not authorized to perform this operation'),
    1_800_000,
    [/web-green cannot launch: You are not authorized/],
  ],
  [
    'no capacity twice',
    'good',
    () => refuseLaunches('InsufficientInstanceCapacity', capacity),
    1_800_000,
    [/web-green got no capacity twice in a row: We currently do not have sufficient/],
  ],
  [
    'instances that die again and again',
    'crashing',
    () => undefined,
    1_800_000,
    [/web-green replaced [2-9] instances \(i-[0-9a-f]+, i-[0-9a-f]+/, /EC2 health check/],
  ],
  [
    'instances that never become healthy',
    'silent',
    () => undefined,
    120_000,
    [
      /was not ready to take over within 2m/,
      /still waiting for i-[0-9a-f]+: no report yet, i-[0-9a-f]+: no report yet/,
    ],
  ],
]

describe.each(failures)('%s', (_, version, arrange, timeoutMs, words) => {
  beforeEach(() => {
    service.behaviours.set('v2', version)
    arrange()
  })

  test('fails the deployment: exit 1, the cause by name, both groups as before', async () => {
    const before = [await left('web-blue'), await service.running()]
    const began = service.time.now()
    const ports = portsOf(service, 'a')
    const result = await service.run(deploy(ports, { ...v2, timeoutMs }))
    expect(result).toMatchObject({ outcome: 'failed', exitCode: 1, details: { switchedMs: null } })
    const progress = ports.events.filter(({ event }) => event === 'progress')
    expect(progress).toEqual([
      { event: 'progress', at: expect.any(Number), text: 'All new traffic of web goes to v1.' },
    ])
    for (const word of words) expect(result.text).toMatch(word)
    expect(service.time.now() - began).toBeLessThan(300_000)
    expect([await left('web-blue'), await service.running()]).toEqual(before)
    expect(await left('web-green')).toEqual(empty)
  })

  test('under --on-failure hold leaves everything: exit 4, and a rollback goes all the way back', async () => {
    const before = [await left('web-blue'), await service.running()]
    const held = { ...v2, timeoutMs, onFailure: 'hold' as const }
    const result = await service.run(deploy(portsOf(service, 'a'), held))
    expect(result).toMatchObject({
      outcome: 'held',
      exitCode: 4,
      next: 'switchover rollback web, or switchover resume web',
    })
    for (const word of words) expect(result.text).toMatch(word)
    expect((await left('web-green')).sizes).toEqual([2, 4, 2])
    await service.run(rollback(portsOf(service, 'b'), common))
    expect([await left('web-blue'), await service.running()]).toEqual(before)
    expect(await left('web-green')).toEqual(empty)
  })
})

test('one lack of capacity that heals is no failure', async () => {
  refuseLaunches('InsufficientInstanceCapacity', capacity, 1)
  expect(await service.run(deploy(portsOf(service, 'a'), v2))).toMatchObject({ exitCode: 0 })
})

test('held for lack of capacity, the deployment goes on with resume once there is room', async () => {
  refuseLaunches('InsufficientInstanceCapacity', capacity)
  const held = await service.run(deploy(portsOf(service, 'a'), { ...v2, onFailure: 'hold' }))
  expect(held).toMatchObject({ outcome: 'held', exitCode: 4 })
  service.cloud.ec2.launchFault = null
  const resumed = await service.run(resume(portsOf(service, 'b'), { ...common, takeOver: false }))
  expect(resumed).toMatchObject({ outcome: 'done', exitCode: 0 })
})

describe('what a failed deployment ends', () => {
  const hook = { AutoScalingGroupName: 'web-green', HeartbeatTimeout: 3_600 }

  test('does not wait for hooks that nobody is going to answer', async () => {
    service.behaviours.set('v2', 'silent')
    const { clients } = service
    for (const [LifecycleHookName, transition] of [
      ['boot', 'LAUNCHING'],
      ['leave', 'TERMINATING'],
    ] as const)
      await clients.autoScaling.send(
        new PutLifecycleHookCommand({
          ...hook,
          LifecycleHookName,
          LifecycleTransition: `autoscaling:EC2_INSTANCE_${transition}`,
        }),
      )
    const answered: string[] = []
    service.intercept = async (call, proceed, request) => {
      if (call.operation === 'CompleteLifecycleAction') answered.push(String(request.body))
      return proceed()
    }
    const began = service.time.now()
    const result = await service.run(deploy(portsOf(service, 'a'), { ...v2, timeoutMs: 120_000 }))
    expect(result).toMatchObject({ outcome: 'failed', exitCode: 1 })
    expect(service.time.now() - began).toBeLessThan(600_000)
    expect(answered.filter((body) => /boot.*ABANDON|ABANDON.*boot/.test(body)).length).toBe(2)
    expect(answered.filter((body) => /leave.*CONTINUE|CONTINUE.*leave/.test(body)).length).toBe(2)
    expect(await left('web-green')).toEqual(empty)
  })

  test('loses its scale-in protection first, and nothing else does', async () => {
    const { clients } = service
    const [kept = ''] = await service.healthy()
    const protect = async (AutoScalingGroupName: string, id: string) =>
      clients.autoScaling.send(
        new SetInstanceProtectionCommand({
          AutoScalingGroupName,
          InstanceIds: [id],
          ProtectedFromScaleIn: true,
        }),
      )
    await protect('web-blue', kept)
    service.behaviours.set('v2', 'silent')
    const ports = portsOf(service, 'a')
    const work = deploy(ports, { ...v2, timeoutMs: 120_000 })
    const protectedNew = async () => {
      await service.clock.sleep(60_000)
      const { Instances = [] } = await service.group('web-green')
      await protect('web-green', Instances[0]?.InstanceId ?? '')
    }
    const [result] = await service.run(Promise.all([work, protectedNew()]))
    expect(result).toMatchObject({ outcome: 'failed', exitCode: 1 })
    expect(await left('web-green')).toEqual(empty)
    const { Instances = [] } = await service.group('web-blue')
    expect(Instances.filter((one) => one.ProtectedFromScaleIn).map((one) => one.InstanceId)).toEqual([kept])
    expect(ports.events).toContainEqual(expect.objectContaining({ event: 'step', step: 'unprotect' }))
  })
})
