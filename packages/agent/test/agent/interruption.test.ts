import { describe, expect } from 'vitest'
import { test } from '../support/machine-test.ts'
import { inSeconds, interrupt, reportedInterruption } from '../support/notices.ts'

const termination = 'TERMINATING'

describe('a machine EC2 takes back', () => {
  test('an interruption is reported at once, and ends readiness at its moment', async ({ machine }) => {
    const running = await machine.serve()
    const at = interrupt(machine, 120)
    const told = machine.clock.now()
    await running.until(() => reportedInterruption(machine) !== null)
    expect(machine.clock.now() - told).toBeLessThanOrEqual(5_000)
    expect(reportedInterruption(machine)).toEqual({ action: 'terminate', at: new Date(at).toISOString() })
    expect(running.agent.status.ready).toBe(true)
    await running.until(() => !running.agent.status.ready)
    // 30 s of drain, twice 30 s until the load balancer has seen it, and 10 s.
    expect(at - machine.clock.now()).toBe(100_000)
    await running.until(() => machine.calls.includes('stop'))
    expect(at - machine.clock.now()).toBe(10_000)
  })

  test('where Auto Scaling replaces the instance its hook is held and completed', async ({ machine }) => {
    const running = await machine.serve()
    machine.hooks = [termination]
    interrupt(machine, 120)
    await running.until(() => running.agent.status.phase === 'draining')
    machine.target = 'Terminated'
    machine.lifecycleState = 'Terminating:Wait'
    await running.until(() => machine.calls.includes(`CONTINUE ${termination}`))
    const calls = machine.calls.filter((call) => !call.startsWith('CONTINUE L'))
    expect(calls.indexOf(`heartbeat ${termination}`)).toBeLessThan(calls.indexOf('stop'))
    expect(calls.indexOf('stop')).toBeLessThan(calls.indexOf(`CONTINUE ${termination}`))
  })

  test('an interruption that is taken back in time changes nothing', async ({ machine }) => {
    const running = await machine.serve()
    interrupt(machine, 600)
    await running.until(() => reportedInterruption(machine) !== null)
    machine.interruption = null
    await running.until(() => reportedInterruption(machine) === null)
    await machine.clock.pass(900_000)
    expect(running.agent.status.ready).toBe(true)
    expect(machine.calls).not.toContain('stop')
  })

  test('a machine that outlives its interruption comes up again, once its app is healthy', async ({
    machine,
  }) => {
    const running = await machine.serve()
    interrupt(machine, 60)
    await running.until(() => machine.calls.includes('stop'))
    expect(running.agent.status.ready).toBe(false)
    for (const one of machine.containers) one.health = 'unhealthy'
    await running.until(() => machine.calls.at(-1) === 'up')
    await machine.clock.pass(30_000)
    expect(running.agent.status.ready).toBe(false)
    for (const one of machine.containers) one.health = 'healthy'
    await running.ready()
  })

  test('a new agent knows of the interruption before its first verdict', async ({ machine }) => {
    let running = await machine.serve()
    interrupt(machine, 60)
    await running.until(() => !running.agent.status.ready)
    await running.stop()
    running = await machine.start()
    await running.until(() => running.agent.settled)
    expect(running.agent.status.ready).toBe(false)
  })

  test('a rebalance recommendation is reported and nothing else', async ({ machine }) => {
    const running = await machine.serve()
    const time = inSeconds(machine, 0)
    machine.rebalance = { noticeTime: time }
    await running.until(() => machine.reports.at(-1)?.rebalanceRecommended !== undefined)
    expect(Date.parse(machine.reports.at(-1)?.rebalanceRecommended ?? '')).toBe(Date.parse(time))
    await machine.clock.pass(3_600_000)
    expect([running.agent.status.phase, running.agent.status.ready]).toEqual(['ready', true])
    expect(machine.log.filter((line) => line.includes('recommended'))).toHaveLength(1)
  })

  test('a notice that cannot be read takes nothing from what runs', async ({ machine }) => {
    const running = await machine.serve()
    machine.interruption = { action: 'terminate', time: 'soon' }
    await machine.clock.pass(600_000)
    expect(running.agent.status.ready).toBe(true)
    expect(machine.log.filter((line) => line.includes('cannot be read'))).toHaveLength(1)
  })
})
