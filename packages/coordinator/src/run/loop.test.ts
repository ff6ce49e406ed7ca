import { ExitStandbyCommand, PutLifecycleHookCommand } from '@aws-sdk/client-auto-scaling'
import type { WireResponse } from '@switchover/local-aws/wire/message'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { portsOf } from '../../test/support/account.ts'
import { createService, type Service } from '../../test/support/fleet.ts'
import { common, v2 } from '../../test/support/options.ts'
import { deploy } from '../commands/deploy.ts'
import { finish } from '../commands/finish.ts'
import { rollback } from '../commands/rollback.ts'

let service: Service

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

beforeEach(async () => {
  service = await createService()
})

function refusal(code: string, message: string, status = 400): WireResponse {
  const xml = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`
  return { status, headers: { 'content-type': 'text/xml' }, body: Buffer.from(xml) }
}

/** An answer of DescribeTargetHealth that keeps a deployment waiting. */
const nobodyHealthy: WireResponse = {
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body: Buffer.from(
    '<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions/></DescribeTargetHealthResult></DescribeTargetHealthResponse>',
  ),
}

/** Answers the first `times` calls of an operation with `response`, and counts all of them. */
function answering(operation: string, times: number, response: WireResponse): { calls: number } {
  const count = { calls: 0 }
  service.intercept = async (call, proceed) => {
    if (call.operation !== operation) return proceed()
    count.calls += 1
    return count.calls <= times ? response : proceed()
  }
  return count
}

describe('a step that did not take effect', () => {
  test('in the second of its calls is planned anew for those who are left', async () => {
    const fleet = await createService(60)
    const ports = portsOf(fleet, 'a')
    await fleet.run(deploy(ports, v2))
    const detached: string[][] = []
    fleet.intercept = async (call, proceed, { body }) => {
      if (call.operation !== 'DetachInstances') return proceed()
      const query = [...new URLSearchParams(Buffer.from(body).toString('utf8'))]
      detached.push(query.flatMap(([name, value]) => (name.startsWith('InstanceIds.') ? [value] : [])))
      return detached.length === 2
        ? refusal('ScalingActivityInProgress', 'Scaling activity 1 is in progress and blocks this action')
        : proceed()
    }
    expect(await fleet.run(finish(ports, common))).toMatchObject({ exitCode: 0, outcome: 'done' })
    expect(detached.map((ids) => ids.length)).toEqual([19, 19, 19, 19, 3])
    const [, refused, ...others] = detached
    expect(others.flat().slice(0, 19)).toEqual(refused)
    expect(await fleet.running()).toHaveLength(60)
    expect((await fleet.group('web-blue')).Instances ?? []).toEqual([])
  })

  test.each([
    ['ScalingActivityInProgress', 'Scaling activity 1 is in progress and blocks this action', 400],
    ['ResourceContention', 'You already have a pending update to an Auto Scaling resource.', 500],
    ['Throttling', 'Rate exceeded', 400],
    ['ValidationError', 'The instance i-0123456789abcdef0 is not in InService.', 400],
  ])('for %s is tried again after a fresh look', async (code, message, status) => {
    const count = answering('EnterStandby', 3, refusal(code, message, status))
    expect(await service.run(deploy(portsOf(service, 'a'), v2))).toMatchObject({ exitCode: 0 })
    expect(count.calls).toBe(4)
  })

  test('for tags held by somebody else in the account is tried again', async () => {
    const text = 'Tags are currently being modified for this account. Please try again later.'
    const count = answering('CreateOrUpdateTags', 5, refusal('ResourceInUse', text))
    expect(await service.run(deploy(portsOf(service, 'a'), v2))).toMatchObject({ exitCode: 0 })
    expect(count.calls).toBeGreaterThan(5)
  })

  test('again and again ends the command within a limit, lease given back', async () => {
    const text = 'The instance i-0123456789abcdef0 is not in InService.'
    const count = answering('EnterStandby', 1_000, refusal('ValidationError', text))
    await expect(service.run(deploy(portsOf(service, 'a'), v2))).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('is not in InService'),
      next: 'switchover resume web',
    })
    expect(count.calls).toBeLessThan(30)
    service.intercept = null
    expect(await service.run(rollback(portsOf(service, 'b'), common))).toMatchObject({ exitCode: 0 })
  })

  test('whichever of several hooks it tries ends the command within the same limit', async () => {
    service.behaviours.set('v2', 'silent')
    for (const LifecycleHookName of ['boot', 'audit'])
      await service.clients.autoScaling.send(
        new PutLifecycleHookCommand({
          AutoScalingGroupName: 'web-green',
          LifecycleHookName,
          LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
          HeartbeatTimeout: 3_600,
        }),
      )
    const text = 'No active Lifecycle Action found with instance ID i-0123456789abcdef0'
    const count = answering('CompleteLifecycleAction', 1_000, refusal('ValidationError', text))
    const work = deploy(portsOf(service, 'a'), { ...v2, timeoutMs: 120_000 })
    await expect(service.run(work)).rejects.toMatchObject({ exitCode: 4, next: 'switchover resume web' })
    expect(count.calls).toBeLessThan(30)
  })

  test('though the reply was lost is not done twice', async () => {
    let sent = 0
    service.intercept = async (call, proceed) => {
      const response = await proceed()
      if (call.operation !== 'EnterStandby') return response
      sent += 1
      return null
    }
    expect(await service.run(deploy(portsOf(service, 'a'), v2))).toMatchObject({ exitCode: 0 })
    expect(sent).toBe(1)
  })
})

describe('AWS out of reach', () => {
  test('for a while is waited out', async () => {
    const ports = portsOf(service, 'a')
    const work = deploy(ports, v2)
    await service.time.runUntil(() => ports.events.some(({ event }) => event === 'wait'), 600_000)
    service.intercept = async () => null
    await service.time.advance(40_000)
    service.intercept = null
    expect(await service.run(work)).toMatchObject({ exitCode: 0 })
    expect(ports.events.some(({ event }) => event === 'warning')).toBe(true)
  })

  test('for good ends the command with one sentence', async () => {
    const ports = portsOf(service, 'a')
    const work = deploy(ports, v2)
    work.catch(() => undefined)
    await service.time.runUntil(() => ports.events.some(({ event }) => event === 'wait'), 600_000)
    service.intercept = async () => null
    await expect(service.run(work)).rejects.toMatchObject({ exitCode: 1, next: 'switchover resume web' })
  })

  test('by an answer nobody foresaw leaves it to a person', async () => {
    answering('EnterStandby', 1_000, refusal('ValidationError', 'The moon is in the wrong house.'))
    await expect(service.run(deploy(portsOf(service, 'a'), v2))).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('The moon is in the wrong house'),
      next: 'switchover resume web',
    })
  })

  test('by a record that may not be read any more is nothing refused before a change', async () => {
    const ports = portsOf(service, 'a')
    const work = deploy(ports, v2)
    await service.time.runUntil(() => ports.events.some(({ event }) => event === 'wait'), 600_000)
    const body = Buffer.from('<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>')
    service.intercept = async (call, proceed, request) => {
      if (!request.path.includes('deployment.json')) return proceed()
      const headers = { 'content-type': 'application/xml' }
      return call.operation === 'PutObject' ? null : { status: 403, headers, body }
    }
    await expect(service.run(work)).rejects.toMatchObject({ exitCode: 4, outcome: 'held' })
  })

  test('by a permission taken away leaves it to a person', async () => {
    answering(
      'EnterStandby',
      1_000,
      refusal('AccessDenied', 'User: x is not authorized to perform: EnterStandby', 403),
    )
    await expect(service.run(deploy(portsOf(service, 'a'), v2))).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('not authorized'),
      next: 'switchover resume web',
    })
  })
})

describe('throttling', () => {
  const throttled = refusal('Throttling', 'Rate exceeded')

  test('of every twentieth call is met with patience: the deployment ends as it should', async () => {
    const ports = portsOf(service, 'a')
    let calls = 0
    const work = deploy(ports, v2)
    await service.time.runUntil(() => ports.events.some(({ event }) => event === 'wait'), 600_000)
    service.intercept = async ({ service: name }, proceed) => {
      if (name === 's3') return proceed()
      calls += 1
      // A first look takes more than a dozen calls, and the SDK, which tries each three times, does not do so here.
      return calls % 20 === 0 ? throttled : proceed()
    }
    expect(await service.run(work)).toMatchObject({ exitCode: 0, outcome: 'done' })
    expect(ports.events.some(({ text }) => text.includes('Rate exceeded'))).toBe(true)
  })

  test('makes the looks rarer, until AWS answers again', async () => {
    const ports = portsOf(service, 'a')
    const looks: number[] = []
    let answer: 'nobody is healthy' | 'throttled' | 'as it is' = 'nobody is healthy'
    const work = deploy(ports, v2)
    service.intercept = async ({ operation }, proceed) => {
      if (operation === 'DescribeTargetHealth' && answer !== 'as it is') return nobodyHealthy
      if (operation !== 'DescribeAutoScalingGroups') return proceed()
      looks.push(service.time.now())
      return answer === 'throttled' ? throttled : proceed()
    }
    const gaps = async (count: number): Promise<number[]> => {
      const from = looks.length
      await service.time.runUntil(() => looks.length > from + count, 600_000)
      return Array.from({ length: count }, (_, n) => (looks[from + n + 1] ?? 0) - (looks[from + n] ?? 0))
    }
    await service.time.advance(120_000)
    const [before = 0] = await gaps(1)
    answer = 'throttled'
    await service.time.advance(60_000)
    answer = 'nobody is healthy'
    expect(await gaps(4)).toEqual([8 * before, 4 * before, 2 * before, before])
    answer = 'as it is'
    expect(await service.run(work)).toMatchObject({ exitCode: 0 })
  })
})

describe('the end of a deployment', () => {
  test('is reached though old reports may not be deleted: a warning says so', async () => {
    await service.run(deploy(portsOf(service, 'a'), v2))
    const xml =
      '<DeleteResult><Error><Key>p/web/reports/x.json</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error></DeleteResult>'
    answering('DeleteObjects', 1_000, {
      status: 200,
      headers: { 'content-type': 'application/xml' },
      body: Buffer.from(xml),
    })
    const ports = portsOf(service, 'b')
    expect(await service.run(finish(ports, common))).toMatchObject({ exitCode: 0, outcome: 'done' })
    const warnings = ports.events.flatMap((one) => (one.event === 'warning' ? one.text : []))
    expect(warnings).toEqual([expect.stringContaining('Access Denied')])
  })

  test('is reached after an outage that outlasts the lease', async () => {
    await service.run(deploy(portsOf(service, 'a'), v2))
    let until: number | null = null
    service.intercept = async (_, proceed, request) => {
      if (until === null && request.path.includes('/history/')) until = service.time.now() + 45_000
      return until !== null && service.time.now() < until ? null : proceed()
    }
    expect(await service.run(finish(portsOf(service, 'b'), common))).toMatchObject({ exitCode: 0 })
    expect(until).not.toBeNull()
  })
})

test('what a change sets going is looked at again long before a whole poll is over', async () => {
  await service.run(deploy(portsOf(service, 'a'), v2))
  const ports = portsOf(service, 'b')
  const began = service.time.now()
  await service.run(finish(ports, common))
  expect(ports.events.some(({ event }) => event === 'wait')).toBe(true)
  expect(service.time.now() - began).toBeLessThan(ports.pollMs)
})

test('a parked instance that somebody returns to service at that moment is not detached', async () => {
  const [first = ''] = await service.healthy()
  await service.run(deploy(portsOf(service, 'a'), v2))
  const fleet = await service.running()
  service.intercept = async (call, proceed, request) => {
    const body = String(request.body)
    if (call.operation === 'PutObject' && body.includes('"text": "detach:')) {
      service.intercept = null
      await service.clients.autoScaling.send(
        new ExitStandbyCommand({ AutoScalingGroupName: 'web-blue', InstanceIds: [first] }),
      )
      await service.clock.sleep(20_000)
    }
    return proceed()
  }
  const result = await service.run(finish(portsOf(service, 'b'), common))
  expect(result).toMatchObject({ exitCode: 4, outcome: 'held', text: expect.stringContaining(first) })
  expect(await service.running()).toEqual(fleet)
})
