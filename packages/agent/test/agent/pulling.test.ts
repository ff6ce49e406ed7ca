import { describe, expect } from 'vitest'
import { digest, lockedDigest } from '../support/bundle.ts'
import { test } from '../support/machine-test.ts'

describe('an agent that pulls', () => {
  test('a refusal after an outage is the first refusal', async ({ machine }) => {
    machine.faults.registry = 'dial tcp 10.0.0.1:443: connect: connection refused'
    const running = await machine.start()
    await running.until(() => machine.pulls.length === 5)
    machine.faults.registry = 'denied: not yet'
    await running.until(() => running.agent.status.reason?.code === 'image-denied')
    expect(running.agent.status.phase).toBe('pulling')
  })

  test('a pull the engine never begins is given up and tried again', async ({ machine }) => {
    machine.faults.silentPulls = true
    const running = await machine.start()
    await running.until(() => running.agent.status.reason?.code === 'pull-failed')
    expect(running.agent.status.reason?.sentence).toMatch(/said nothing for 2 minutes/)
    machine.faults.silentPulls = false
    await running.ready()
  })

  test('a pull shows how far it is, and one that gets no further is given up and tried again', async ({
    machine,
  }) => {
    machine.faults.endlessPulls = true
    const running = await machine.start()
    const { status } = running.agent
    const progress = () => status.report(machine.clock.now())?.progress
    await running.until(() => (progress()?.bytes ?? 0) > 0)
    const image = `registry.example/web@${digest}`
    expect(progress()).toMatchObject({ image, bytes: 10, total: 40, unpacked: 0 })
    await running.until(() => machine.reports.at(-1)?.progress?.total === 40)
    await running.until(() => status.reason?.code === 'pull-failed')
    expect(status.reason?.sentence).toMatch(/no progress for 12\d s/)
    expect(progress()).toBeUndefined()
    expect(
      machine.log.filter((line) => line.startsWith(`Pulling ${image}: 10 B of 40 B (25 %)`)),
    ).not.toEqual([])
    machine.faults.endlessPulls = false
    await running.ready()
    expect(machine.reports.at(-1)).not.toHaveProperty('progress')
  })

  test('a pull that died before its image was named is not begun again', async ({ machine }) => {
    machine.images.set(`registry.example/web@${digest}`, 'sha256:1')
    machine.images.set('registry.example/web:live', 'sha256:0')
    await machine.serve()
    expect(machine.pulls).toEqual([`pull registry.example/queue@${lockedDigest}`])
    expect(machine.images.get('registry.example/web:live')).toBe('sha256:1')
  })

  test('no pull fills the disk: older images go first, then it says what is missing, and goes on when there is room', async ({
    machine,
  }) => {
    for (const version of [1, 2, 3])
      machine.images.set(`registry.example/web:v0.${version}`, `sha256:${version}`)
    machine.disk = { ...machine.disk, freeBytes: 100e6 }
    const running = await machine.start()
    await running.until(() => running.agent.status.reason?.code === 'disk-full')
    const { reason } = running.agent.status
    expect(reason?.kind).toBe('retryable')
    expect(reason?.sentence).toMatch(
      /in \/var\/lib\/docker: 100 MB and \d+ inodes are free, 256 MB .* are needed/,
    )
    expect(machine.calls).toEqual(['remove registry.example/web:v0.1', 'remove registry.example/web:v0.2'])
    machine.disk = { ...machine.disk, freeBytes: 50e9 }
    await running.ready()
  })

  test('what a full disk taught of an image counts at the next try', async ({ machine }) => {
    machine.faults.registry = 'failed to register layer: write /x: no space left on device'
    machine.faults.layerBytes = 200e6
    machine.disk = { ...machine.disk, freeBytes: 400e6, totalBytes: 1e9 }
    const running = await machine.start()
    await running.until(() => running.agent.status.reason?.sentence.includes('500 MB') === true)
    const pulls = () => machine.pulls.length
    expect(pulls()).toBe(1)
    await machine.clock.pass(600_000)
    expect(pulls()).toBe(1)
    machine.faults.registry = null
    machine.disk = { ...machine.disk, freeBytes: 500e6 }
    await running.ready()
  })

  test('an image too large for an empty machine is not even begun; one that shares layers may be', async ({
    machine,
  }) => {
    machine.layerSizes = new Map([['a', 4e9]])
    machine.disk = { ...machine.disk, freeBytes: 9e9 }
    const running = await machine.start()
    await running.until(() => running.agent.status.reason?.code === 'disk-full')
    expect(running.agent.status.reason?.sentence).toMatch(/9 GB and .* are free, 10 GB and .* are needed/)
    expect(machine.pulls).toEqual([])
    machine.images.set('registry.example/web:v0', 'sha256:0')
    await running.ready()
  })

  test('a pull is ended when the machine is', async ({ machine }) => {
    machine.faults.endlessPulls = true
    const running = await machine.start()
    await running.until(() => running.agent.status.progress !== null)
    machine.target = 'Terminated'
    await running.until(() => running.agent.status.phase === 'draining')
    await running.until(() => running.agent.status.progress === null)
    expect(machine.clock.now() - Date.parse('2026-01-01T00:00:00Z')).toBeLessThan(30_000)
  })
})
