import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadState } from '../src/state.ts'
import { digest, lockedDigest, Machine, type Running } from './support/machine.ts'

/** The whole agent, on a machine in memory and on time that a test moves. */
describe('the agent', () => {
  let state: string
  let machine: Machine
  let running: Running
  const launch = 'LAUNCHING'
  const termination = 'TERMINATING'

  beforeEach(async () => {
    state = await mkdtemp(join(tmpdir(), 'switchover-agent-'))
    machine = await Machine.create()
  })
  afterEach(async () => {
    machine.stops = false
    await running.stop()
    await rm(state, { recursive: true, force: true })
  })

  async function serve(): Promise<void> {
    running = await machine.start(state)
    await running.ready()
  }

  describe('on a new machine', () => {
    test('comes up, completes the launch hook and reports the digest that runs', async () => {
      machine.hooks = [launch]
      await serve()
      await running.until(() => machine.calls.includes(`CONTINUE ${launch}`))
      await running.until(() => machine.reports.at(-1)?.phase === 'ready')
      expect(machine.reports.at(-1)).toMatchObject({ version: 'v1', images: [{ service: 'web', digest }] })
      expect((await loadState(state))?.verified?.wanted.version).toBe('v1')
    })

    test('gives the instance back where it can never run', async () => {
      machine.hooks = [launch]
      machine.faults.registry = 'manifest unknown: manifest unknown'
      running = await machine.start(state)
      await running.until(() => machine.calls.includes(`ABANDON ${launch}`))
      expect(running.agent.status.phase).toBe('failed')
    })

    test('a refusal after an outage is the first refusal', async () => {
      machine.faults.registry = 'dial tcp 10.0.0.1:443: connect: connection refused'
      running = await machine.start(state)
      await running.until(() => machine.calls.filter((call) => call.startsWith('pull')).length === 5)
      machine.faults.registry = 'denied: not yet'
      await running.until(() => running.agent.status.reason?.code === 'image-denied')
      expect(running.agent.status.phase).toBe('pulling')
    })

    test('a pull the engine never begins is given up and tried again', async () => {
      machine.faults.silentPulls = true
      running = await machine.start(state)
      await running.until(() => running.agent.status.reason?.code === 'pull-failed')
      expect(running.agent.status.reason?.sentence).toMatch(/said nothing for 2 minutes/)
      machine.faults.silentPulls = false
      await running.ready()
    })

    test('says at once that it is at work, for the hook may have little time left', async () => {
      machine.hooks = [launch]
      machine.faults.registry = 'connection refused'
      running = await machine.start(state)
      const begun = machine.clock.now()
      await running.until(() => machine.calls.includes(`heartbeat ${launch}`))
      expect(machine.clock.now() - begun).toBeLessThan(15_000)
    })
  })

  describe('once ready', () => {
    test('stays so when AWS, metadata and registry are away and a service beside it is lost', async () => {
      await serve()
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

    test('keeps its state as soon as the disk takes it', async () => {
      await mkdir(join(state, 'state.json.new'))
      await serve()
      await machine.clock.pass(60_000)
      expect(running.agent.status.ready).toBe(true)
      expect(machine.log.filter((line) => line.startsWith('error:'))).toEqual([])
      await rm(join(state, 'state.json.new'), { recursive: true })
      await machine.clock.pass(120_000)
      expect((await loadState(state))?.verified?.wanted.version).toBe('v1')
    })

    test('SIGTERM leaves the app alone, and the next agent takes over with AWS away', async () => {
      await serve()
      await running.stop()
      Object.assign(machine.faults, { aws: true, imds: true, registry: 'away' })
      machine.tags = { ...machine.tags, version: 'v2' }
      machine.calls.length = 0
      running = await machine.start(state)
      expect(running.agent.settled).toBe(false)
      await running.until(() => running.agent.settled)
      expect(running.agent.status.ready).toBe(true)
      expect(running.agent.status.wanted?.version).toBe('v1')
      expect(machine.calls).toEqual([])
    })

    test('a reboot is verified before it counts', async () => {
      await serve()
      await running.stop()
      machine.bootId = 'boot-2'
      for (const one of machine.containers) one.health = 'starting'
      machine.faults.aws = true
      running = await machine.start(state)
      await running.until(() => running.agent.status.phase === 'verifying')
      expect(running.agent.status.ready).toBe(false)
      for (const one of machine.containers) one.health = 'healthy'
      await running.ready()
    })

    test('in Standby it stays ready, its workers rest, and they come back', async () => {
      await serve()
      machine.target = 'Standby'
      await running.until(() => machine.container('worker')?.state === 'exited')
      expect([running.agent.status.phase, running.agent.status.ready]).toEqual(['parked', true])
      machine.target = 'InService'
      await running.until(() => machine.container('worker')?.state === 'running')
      expect([running.agent.status.phase, running.agent.status.ready]).toEqual(['ready', true])
    })
  })

  describe('at the end', () => {
    test('drains, stops, and completes the termination hook', async () => {
      await serve()
      machine.hooks = [termination]
      machine.target = 'Terminated'
      machine.lifecycleState = 'Terminating'
      await running.until(() => !running.agent.status.ready)
      const told = machine.clock.now()
      await running.until(() => machine.calls.includes('stop'))
      expect(machine.clock.now() - told).toBeGreaterThanOrEqual(29_000)
      expect(machine.calls).not.toContain(`CONTINUE ${termination}`)
      machine.lifecycleState = 'Terminating:Wait'
      await running.until(() => machine.calls.includes(`CONTINUE ${termination}`))
    })

    test('keeps the hook waiting while it drains', async () => {
      await serve()
      machine.hooks = [termination]
      machine.target = 'Terminated'
      machine.lifecycleState = 'Terminating:Wait'
      await running.until(() => machine.calls.includes('stop'))
      expect(machine.calls).toContain(`heartbeat ${termination}`)
    })

    test('an agent that starts anew while its machine drains stops the app all the same', async () => {
      await serve()
      machine.target = 'Terminated'
      await running.until(() => running.agent.status.phase === 'draining')
      await running.stop()
      machine.hooks = [termination]
      machine.lifecycleState = 'Terminating:Wait'
      running = await machine.start(state)
      await running.until(() => machine.calls.includes(`CONTINUE ${termination}`))
      expect(machine.calls.filter((call) => !call.startsWith('heartbeat')).slice(-2)).toEqual([
        'stop',
        `CONTINUE ${termination}`,
      ])
    })

    test('a machine that goes down drains and stops before the agent leaves', async () => {
      await serve()
      machine.stops = true
      await running.stop()
      expect(machine.calls.at(-1)).toBe('stop')
      expect(machine.reports.at(-1)?.phase).toBe('draining')
    })

    test('a machine that goes down while Auto Scaling ends it completes the hook all the same', async () => {
      await serve()
      machine.hooks = [termination]
      machine.target = 'Terminated'
      machine.lifecycleState = 'Terminating:Wait'
      await running.until(() => running.agent.status.phase === 'draining')
      machine.stops = true
      await running.stop()
      expect(machine.calls.at(-1)).toBe(`CONTINUE ${termination}`)
    })

    test('a hook that cannot be completed does not hold a machine that goes down', async () => {
      await serve()
      machine.target = 'Terminated'
      await running.until(() => running.agent.status.phase === 'draining')
      machine.faults.aws = true
      machine.stops = true
      await running.stop()
      expect(machine.calls.at(-1)).toBe('stop')
    })
  })
})
