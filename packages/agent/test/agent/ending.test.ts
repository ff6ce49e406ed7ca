import { describe, expect } from 'vitest'
import { test } from '../support/machine-test.ts'

const launch = 'LAUNCHING'
const termination = 'TERMINATING'

describe('a machine that ends', () => {
  test('drains, stops, and completes the termination hook', async ({ machine }) => {
    const running = await machine.serve()
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

  test('of a machine still on its way up, the hook that comes only then is completed', async ({
    machine,
  }) => {
    machine.hooks = [launch, termination]
    machine.health = 'unhealthy'
    const running = await machine.start()
    await running.until(() => machine.calls.includes(`heartbeat ${launch}`))
    machine.target = 'Terminated'
    await running.until(() => machine.calls.includes('stop'))
    await machine.clock.pass(5_000)
    machine.lifecycleState = 'Terminating:Wait'
    await running.until(() => machine.calls.includes(`CONTINUE ${termination}`))
  })

  test('says that it ends, and calls that no error', async ({ machine }) => {
    const running = await machine.serve()
    machine.target = 'Terminated'
    await running.until(() => running.agent.status.phase === 'draining')
    const { reason, lastError } = running.agent.status.answer(machine.clock.now())
    expect(reason).toMatchObject({ code: 'ending' })
    expect(lastError?.code).not.toBe('ending')
  })

  test('keeps the hook waiting while it drains', async ({ machine }) => {
    const running = await machine.serve()
    machine.hooks = [termination]
    machine.target = 'Terminated'
    machine.lifecycleState = 'Terminating:Wait'
    await running.until(() => machine.calls.includes('stop'))
    expect(machine.calls).toContain(`heartbeat ${termination}`)
  })

  test('an agent that starts anew while its machine drains stops the app all the same', async ({
    machine,
  }) => {
    let running = await machine.serve()
    machine.target = 'Terminated'
    await running.until(() => running.agent.status.phase === 'draining')
    await running.stop()
    machine.hooks = [termination]
    machine.lifecycleState = 'Terminating:Wait'
    running = await machine.start()
    await running.until(() => running.agent.settled)
    expect(machine.calls).not.toContain('stop')
    await running.until(() => machine.calls.includes(`CONTINUE ${termination}`))
    expect(machine.calls.filter((call) => !call.startsWith('heartbeat')).slice(-2)).toEqual([
      'stop',
      `CONTINUE ${termination}`,
    ])
  })

  test('a machine that goes down drains and stops before the agent leaves', async ({ machine }) => {
    const running = await machine.serve()
    machine.stops = true
    await running.stop()
    expect(machine.calls.at(-1)).toBe('stop')
    expect(machine.reports.at(-1)?.phase).toBe('draining')
  })

  test('a machine that goes down while Auto Scaling ends it completes the hook all the same', async ({
    machine,
  }) => {
    const running = await machine.serve()
    machine.hooks = [termination]
    machine.target = 'Terminated'
    machine.lifecycleState = 'Terminating:Wait'
    await running.until(() => running.agent.status.phase === 'draining')
    machine.stops = true
    await running.stop()
    expect(machine.calls.at(-1)).toBe(`CONTINUE ${termination}`)
  })

  test('a hook that cannot be completed does not hold a machine that goes down', async ({ machine }) => {
    const running = await machine.serve()
    machine.target = 'Terminated'
    await running.until(() => running.agent.status.phase === 'draining')
    machine.faults.aws = true
    machine.stops = true
    await running.stop()
    expect(machine.calls.at(-1)).toBe('stop')
  })
})
