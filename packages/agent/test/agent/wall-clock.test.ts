import { describe, expect } from 'vitest'
import { test } from '../support/machine-test.ts'
import { interrupt, reportedInterruption } from '../support/notices.ts'

describe.each([
  ['back', -86_400_000],
  ['forth', 86_400_000],
])('when the wall clock is set %s by a day', (_, byMs) => {
  test('what failed is tried again as soon as it would have been', async ({ machine }) => {
    machine.faults.registry = 'dial tcp 10.0.0.1:443: connect: connection refused'
    const running = await machine.start()
    const pulls = () => machine.pulls.length
    await running.until(() => pulls() === 5)
    machine.clock.set(byMs)
    machine.faults.registry = null
    const at = machine.clock.now()
    await running.ready()
    expect(machine.clock.now() - at).toBeLessThan(120_000)
  })

  test('an app that dies is noticed, and one that comes back is, too', async ({ machine }) => {
    const running = await machine.serve()
    machine.clock.set(byMs)
    for (const one of machine.containers) one.health = 'unhealthy'
    const at = machine.clock.now()
    await running.until(() => !running.agent.status.ready)
    for (const one of machine.containers) one.health = 'healthy'
    await running.ready()
    expect(machine.clock.now() - at).toBeLessThan(60_000)
    expect(machine.reports.at(-1)?.writtenAt.slice(0, 10)).toBe(
      machine.clock.wall(machine.clock.now()).toISOString().slice(0, 10),
    )
  })

  test('an interruption ends readiness at its moment', async ({ machine }) => {
    const running = await machine.serve()
    const at = interrupt(machine, 120)
    await running.until(() => reportedInterruption(machine) !== null)
    machine.clock.set(byMs)
    await running.until(() => !running.agent.status.ready)
    expect(at - machine.clock.now()).toBe(100_000)
  })
})
