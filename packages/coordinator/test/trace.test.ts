import { traceSchema, type Trace } from '@switchover/contract/trace'
import { beforeEach, expect, test, vi } from 'vitest'
import { deploy } from '../src/commands/deploy.ts'
import { finish } from '../src/commands/finish.ts'
import { resume } from '../src/commands/resume.ts'
import { portsOf } from './support/account.ts'
import { createService, type Service } from './support/fleet.ts'
import { common, v2 } from './support/options.ts'
import { endedOf, keysUnder, objectAt, recordOf } from './support/views.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let service: Service
beforeEach(async () => {
  service = await createService()
})

/** What the runs of `web` saw, oldest first. */
async function traces(): Promise<Trace[]> {
  const ended = new Set(await endedOf(service))
  const keys = (await keysUnder(service, 'p/web/history/')).filter((key) => !ended.has(key))
  return Promise.all(keys.map(async (key) => traceSchema.parse(await objectAt(service, key))))
}

test('a run leaves what it saw beside the history: instances, calls and what was told', async () => {
  await service.run(deploy(portsOf(service, 'a'), v2))
  await service.run(finish(portsOf(service, 'b'), common))
  const found = await traces()
  expect(found.map(({ goal, rest, owner }) => [goal, rest, owner])).toEqual([
    ['deploy', 'parked', 'a'],
    ['finish', 'finished', 'b'],
  ])
  const [first, second] = found
  const fresh = first?.instances.filter(({ side }) => side === 'new') ?? []
  expect(fresh).toHaveLength(2)
  for (const { launchedAt, states, agent, zone } of fresh) {
    expect(states.at(-1)?.[1]).toBe('serving')
    expect(launchedAt).not.toBeNull()
    expect(agent?.startedAt).toBeGreaterThan(launchedAt ?? 0)
    expect(zone).toMatch(/^us-east-1[ab]$/)
  }
  const { operations = {} } = first?.calls ?? {}
  const count = (name: string) => (operations[name] ?? []).reduce((sum, [, calls]) => sum + calls, 0)
  expect(count('autoscaling EnterStandby')).toBe(1)
  expect(count('autoscaling DescribeAutoScalingGroups')).toBeGreaterThan(3)
  expect(first?.happenings.map(({ kind }) => kind)).toEqual(['progress'])
  expect(
    second?.instances.filter(({ side }) => side === 'old').map(({ states }) => states.at(-1)?.[1]),
  ).toEqual(['gone', 'gone'])
})

test('an interrupted run leaves what it saw until then, and the next one its own part', async () => {
  const ports = portsOf(service, 'a')
  const work = deploy(ports, v2)
  work.catch(() => undefined)
  await service.time.advance(20_000)
  ports.stop.abort()
  await expect(service.run(work)).rejects.toMatchObject({ exitCode: 130 })
  await service.run(resume(portsOf(service, 'b'), { ...common, takeOver: false }))
  expect((await traces()).map(({ rest }) => rest)).toEqual(['stopped', 'parked'])
})

test('a trace that cannot be written is a warning, and keeps nothing from its end', async () => {
  service.intercept = async (_, proceed, request) =>
    /history\/[^/]+\/\d+\.json/.test(request.path) && request.method === 'PUT' ? null : proceed()
  const ports = portsOf(service, 'a')
  expect(await service.run(deploy(ports, v2))).toMatchObject({ exitCode: 0, outcome: 'done' })
  expect(await traces()).toEqual([])
  const warnings = ports.events.flatMap((one) => (one.event === 'warning' ? one.text : []))
  expect(warnings.filter((text) => text.startsWith('What this run saw could not be kept'))).toHaveLength(1)
  expect(await recordOf(service)).toMatchObject({ lease: null, deployment: { stage: 'parked' } })
})

test('a run whose end does not come into the history has not finished', async () => {
  await service.run(deploy(portsOf(service, 'a'), v2))
  service.intercept = async ({ operation }, proceed, request) =>
    operation === 'PutObject' && /history\/[^/]+\.json/.test(request.path) ? null : proceed()
  await expect(service.run(finish(portsOf(service, 'b'), common))).rejects.toThrow(
    'AWS gave no usable answer',
  )
  expect((await traces()).map(({ rest }) => rest)).not.toContain('finished')
})

test('a store that never answers does not hold up the end for long', async () => {
  service.intercept = async (_, proceed, request) =>
    /history\/[^/]+\/\d+\.json/.test(request.path) ? new Promise(() => undefined) : proceed()
  const ports = portsOf(service, 'a')
  expect(await service.run(deploy(ports, v2))).toMatchObject({ exitCode: 0 })
  expect(ports.events.at(-1)?.text).toContain('no answer within 5.0s')
})
