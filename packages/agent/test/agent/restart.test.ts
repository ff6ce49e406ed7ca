import { describe, expect } from 'vitest'
import { test } from '../support/machine-test.ts'

describe('an agent that starts anew', () => {
  test('SIGTERM leaves the app alone, and the next agent takes over with AWS away', async ({ machine }) => {
    let running = await machine.serve()
    await running.stop()
    Object.assign(machine.faults, { aws: true, imds: true, registry: 'away' })
    machine.tags = { ...machine.tags, version: 'v2' }
    machine.calls.length = 0
    running = await machine.start()
    expect(running.agent.settled).toBe(false)
    await running.until(() => running.agent.settled)
    expect(running.agent.status.ready).toBe(true)
    expect(running.agent.status.wanted?.version).toBe('v1')
    expect(machine.calls).toEqual([])
  })

  test('a reboot is verified before it counts', async ({ machine }) => {
    let running = await machine.serve()
    await running.stop()
    machine.bootId = 'boot-2'
    for (const one of machine.containers) one.health = 'starting'
    machine.faults.aws = true
    running = await machine.start()
    await running.until(() => running.agent.status.phase === 'verifying')
    expect(running.agent.status.ready).toBe(false)
    for (const one of machine.containers) one.health = 'healthy'
    await running.ready()
  })

  test('after a reboot with AWS away it goes on with the version it was verified to run, and says so', async ({
    machine,
  }) => {
    let running = await machine.serve()
    await running.stop()
    machine.bootId = 'boot-2'
    machine.tags = { ...machine.tags, version: 'v2' }
    machine.faults.aws = true
    running = await machine.serve()
    expect(running.agent.status.wanted?.version).toBe('v1')
    expect(machine.log).toContain(
      'This machine was verified to run v1 of group web-blue before; it goes on with that.',
    )
  })

  test('after a reboot that lost its images it is never given up, whatever the registry says', async ({
    machine,
  }) => {
    let running = await machine.serve()
    await running.stop()
    machine.images.clear()
    machine.containers.length = 0
    machine.faults.registry = 'manifest unknown: manifest unknown'
    machine.bootId = 'boot-2'
    running = await machine.start()
    await machine.clock.pass(600_000)
    expect(running.agent.status.phase).toBe('pulling')
    expect(running.agent.status.reason).toMatchObject({ code: 'image-not-found', kind: 'retryable' })
    machine.faults.registry = null
    await running.ready()
  })

  test('after a reboot a healthy container of another image, which Docker started, does not count', async ({
    machine,
  }) => {
    let running = await machine.serve()
    await running.stop()
    machine.bootId = 'boot-2'
    Object.assign(machine.container('web') ?? {}, { imageId: 'sha256:another' })
    machine.faults.compose = true
    running = await machine.start()
    await running.until(() => machine.calls.filter((call) => call === 'up').length > 3)
    expect(running.agent.status.ready).toBe(false)
    machine.faults.compose = false
    await running.ready()
    expect(machine.container('web')?.imageId).not.toBe('sha256:another')
  })
})
