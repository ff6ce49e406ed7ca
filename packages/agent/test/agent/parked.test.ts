import { describe, expect } from 'vitest'
import { test } from '../support/machine-test.ts'
import type { Machine } from '../support/machine.ts'
import type { Running } from '../support/running.ts'

function stateOf(machine: Machine, service: string) {
  return machine.container(service)?.state
}

async function park(machine: Machine, running: Running): Promise<void> {
  machine.target = 'Standby'
  await running.until(() => stateOf(machine, 'worker') === 'exited')
}

/** What must not work while its machine is parked, whatever becomes of the app beside it. */
describe('a parked machine', () => {
  test('has its workers rest and come back, and stays ready', async ({ machine }) => {
    const running = await machine.serve()
    await park(machine, running)
    expect(running.agent.status).toMatchObject({ phase: 'parked', ready: true })
    machine.target = 'InService'
    await running.until(() => stateOf(machine, 'worker') === 'running')
    expect(running.agent.status).toMatchObject({ phase: 'ready', ready: true })
  })

  test('has its workers rest though its app is not healthy', async ({ machine }) => {
    const running = await machine.serve()
    for (const one of machine.containers) one.health = 'unhealthy'
    await running.until(() => !running.agent.status.ready)
    await park(machine, running)
    await machine.clock.pass(600_000)
    expect([stateOf(machine, 'worker'), running.agent.status.ready]).toEqual(['exited', false])
  })

  test('does not start its workers with an app that ended', async ({ machine }) => {
    const running = await machine.serve()
    await park(machine, running)
    machine.calls.length = 0
    Object.assign(machine.container('web') ?? {}, { state: 'exited', exitCode: 3 })
    await running.until(() => stateOf(machine, 'web') === 'running')
    expect(machine.calls).toEqual(['up web'])
    expect(stateOf(machine, 'worker')).toBe('exited')
  })

  test.for(['exited', 'running'] as const)(
    'is ready again after a reboot that left its workers %s',
    async (found, { machine }) => {
      let running = await machine.serve()
      await park(machine, running)
      await running.stop()
      Object.assign(machine.container('worker') ?? {}, { state: found })
      machine.bootId = 'boot-2'
      running = await machine.serve()
      expect([running.agent.status.phase, stateOf(machine, 'worker')]).toEqual(['parked', 'exited'])
    },
  )
})
