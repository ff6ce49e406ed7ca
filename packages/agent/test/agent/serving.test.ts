import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { loadState } from '../../src/state.ts'
import { lockedDigest } from '../support/bundle.ts'
import { test } from '../support/machine-test.ts'

describe('a machine that serves', () => {
  test('removes images of its own repository but the current and the previous one, once', async ({
    machine,
  }) => {
    for (const version of [1, 2, 3])
      machine.images.set(`registry.example/web:v0.${version}`, `sha256:${version}`)
    machine.images.set('elsewhere/web:v1', 'sha256:4')
    const running = await machine.serve()
    await running.until(() => machine.calls.includes('remove registry.example/web:v0.2'))
    machine.images.set('registry.example/web:v0.1', 'sha256:1')
    await machine.clock.pass(600_000)
    expect(machine.calls.filter((call) => call.startsWith('remove'))).toEqual([
      'remove registry.example/web:v0.1',
      'remove registry.example/web:v0.2',
    ])
  })

  test('keeps the image that was live before, though it is the oldest', async ({ machine }) => {
    machine.images.set('registry.example/web:v0.0', 'sha256:0')
    for (const version of [1, 2])
      machine.images.set(`registry.example/web:v0.${version}`, `sha256:${version}`)
    machine.images.set('registry.example/web:live', 'sha256:0')
    const running = await machine.serve()
    await running.until(() => machine.calls.includes('remove registry.example/web:v0.2'))
    await machine.clock.pass(600_000)
    expect(machine.images.get('registry.example/web:v0.0')).toBe('sha256:0')
    expect(machine.images.has('registry.example/web:v0.1')).toBe(false)
  })

  test('stays so when AWS, metadata and registry are away and a service beside it is lost', async ({
    machine,
  }) => {
    const running = await machine.serve()
    Object.assign(machine.faults, { aws: true, imds: true, registry: 'denied: no', compose: true })
    machine.remove('worker')
    machine.images.delete(`registry.example/queue@${lockedDigest}`)
    let unready = 0
    running.agent.status.onChange(() => {
      if (!running.agent.status.ready) unready += 1
    })
    await running.until(() => machine.calls.filter((call) => call.includes('/queue@')).length > 6)
    expect([unready, running.agent.status.ready]).toEqual([0, true])
    machine.faults.registry = null
    machine.faults.compose = false
    await running.until(() => machine.container('worker')?.state === 'running')
  })

  test('an hour without AWS, metadata, store and registry leaves it ready at every moment', async ({
    machine,
  }) => {
    const running = await machine.serve()
    Object.assign(machine.faults, { aws: true, imds: true, registry: 'dial tcp: i/o timeout' })
    const { status } = running.agent
    let unready = 0
    status.onChange(() => {
      if (!status.ready) unready += 1
    })
    const reports = machine.reports.length
    await machine.clock.pass(3_600_000)
    expect([unready, status.ready, status.phase]).toEqual([0, true, 'ready'])
    expect(machine.reports).toHaveLength(reports)
    machine.faults.aws = false
    await machine.clock.pass(600_000)
    expect(machine.reports.length).toBeGreaterThan(reports)
  })

  test('stays so while its engine is restarted; one that stays away takes readiness with it, in words', async ({
    machine,
  }) => {
    const running = await machine.serve()
    machine.faults.engine = true
    await machine.clock.pass(110_000)
    expect(running.agent.status.ready).toBe(true)
    machine.faults.engine = false
    await machine.clock.pass(10_000)
    machine.faults.engine = true
    await machine.clock.pass(110_000)
    expect(running.agent.status.ready).toBe(true)
    await running.until(() => !running.agent.status.ready)
    expect(running.agent.status.reason?.code).toBe('engine-unreachable')
    machine.faults.engine = false
    await running.ready()
  })

  test('a container that is pruned takes readiness with it only where it cannot be made again', async ({
    machine,
  }) => {
    const running = await machine.serve()
    machine.remove('web')
    await running.until(() => machine.calls.at(-1) === 'up web')
    await machine.clock.pass(60_000)
    expect(running.agent.status.ready).toBe(true)
    machine.faults.compose = true
    machine.remove('web')
    await running.until(() => !running.agent.status.ready)
    expect(running.agent.status.reason?.code).toBe('compose-failed')
  })

  test('an app that ends and is not started again takes readiness with it, in words', async ({ machine }) => {
    const running = await machine.serve()
    machine.faults.compose = true
    Object.assign(machine.container('web') ?? {}, { state: 'exited', exitCode: 3, oneShot: true })
    const died = machine.clock.now()
    await running.until(() => !running.agent.status.ready)
    expect(machine.clock.now() - died).toBeGreaterThan(4_000)
    expect(running.agent.status.reason?.code).toBe('compose-failed')
    machine.faults.compose = false
    await running.ready()
  })

  test('keeps its state as soon as the disk takes it', async ({ machine }) => {
    await mkdir(join(machine.state, 'state.json.new'))
    const running = await machine.serve()
    await machine.clock.pass(60_000)
    expect(running.agent.status.ready).toBe(true)
    expect(machine.log.filter((line) => line.startsWith('error:'))).toEqual([])
    await rm(join(machine.state, 'state.json.new'), { recursive: true })
    await machine.clock.pass(120_000)
    expect((await loadState(machine.state))?.verified?.wanted.version).toBe('v1')
  })

  test.for<[string, number, number]>([
    ['as its unit is shipped', 120_000, 20_000],
    ['that is impatient', 3_000, 1_000],
  ])(
    'its loop feeds a watchdog %s, and a loop that hangs does not',
    async ([, watchdogMs, feedMs], { machine }) => {
      machine.watchdogMs = watchdogMs
      await machine.serve()
      machine.fed.length = 0
      await machine.clock.pass(10 * watchdogMs)
      const gaps = machine.fed.slice(1).map((at, index) => at - (machine.fed[index] ?? 0))
      expect(gaps.length).toBeGreaterThan(20)
      expect(Math.max(...gaps)).toBeLessThan(watchdogMs / 2)
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(feedMs)

      machine.faults.engineHangs = true
      await machine.clock.pass(watchdogMs)
      machine.fed.length = 0
      await machine.clock.pass(10 * watchdogMs)
      expect(machine.fed).toEqual([])
      machine.faults.engineHangs = false
    },
  )
})
