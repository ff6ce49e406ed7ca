import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Machine, type Running } from './support/machine.ts'

/** What must not work while its machine is parked, whatever becomes of the app beside it. */
describe('a parked machine', () => {
  let state: string
  let machine: Machine
  let running: Running

  beforeEach(async () => {
    state = await mkdtemp(join(tmpdir(), 'switchover-parked-'))
    machine = await Machine.create()
    running = await machine.start(state)
    await running.ready()
  })
  afterEach(async () => {
    await running.stop()
    await rm(state, { recursive: true, force: true })
  })

  function stateOf(service: string) {
    return machine.container(service)?.state
  }

  async function park(): Promise<void> {
    machine.target = 'Standby'
    await running.until(() => stateOf('worker') === 'exited')
  }

  test('has its workers rest and come back, and stays ready', async () => {
    await park()
    expect(running.agent.status).toMatchObject({ phase: 'parked', ready: true })
    machine.target = 'InService'
    await running.until(() => stateOf('worker') === 'running')
    expect(running.agent.status).toMatchObject({ phase: 'ready', ready: true })
  })

  test('has its workers rest though its app is not healthy', async () => {
    for (const one of machine.containers) one.health = 'unhealthy'
    await running.until(() => !running.agent.status.ready)
    await park()
    await machine.clock.pass(600_000)
    expect([stateOf('worker'), running.agent.status.ready]).toEqual(['exited', false])
  })

  test('does not start its workers with an app that ended', async () => {
    await park()
    machine.calls.length = 0
    Object.assign(machine.container('web') ?? {}, { state: 'exited', exitCode: 3 })
    await running.until(() => stateOf('web') === 'running')
    expect(machine.calls).toEqual(['up web'])
    expect(stateOf('worker')).toBe('exited')
  })

  test.each(['exited', 'running'] as const)(
    'is ready again after a reboot that left its workers %s',
    async (found) => {
      await park()
      await running.stop()
      Object.assign(machine.container('worker') ?? {}, { state: found })
      machine.bootId = 'boot-2'
      running = await machine.start(state)
      await running.ready()
      expect([running.agent.status.phase, stateOf('worker')]).toEqual(['parked', 'exited'])
    },
  )
})
