import { readdirSync } from 'node:fs'
import { mkdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { loadState } from '../../src/state.ts'
import { digest, lockedDigest, nextDigest } from '../support/bundle.ts'
import { test } from '../support/machine-test.ts'
import type { Machine } from '../support/machine.ts'
import type { Running } from '../support/running.ts'

const launch = 'LAUNCHING'
const termination = 'TERMINATING'

/** Has the warm pool give the machine into service. */
function calledIn(machine: Machine): void {
  machine.target = 'InService'
  machine.lifecycleState = 'Pending:Wait'
}

/** Starts an agent in the warm pool, and waits until it lets the machine be put away. */
async function pooled(machine: Machine): Promise<Running> {
  const running = await machine.start()
  await running.until(() => machine.calls.includes(`CONTINUE ${launch}`))
  return running
}

/** Serves, and begins to drain for the warm pool. */
async function leaving(machine: Machine): Promise<Running> {
  calledIn(machine)
  const running = await machine.serve()
  await running.until(() => machine.lifecycleState === 'InService')
  machine.hooks = [launch, termination]
  machine.calls.length = 0
  machine.target = 'Warmed:Running'
  machine.lifecycleState = 'Terminating:Wait'
  await running.until(() => !running.agent.status.ready)
  return running
}

describe('a machine in the warm pool', () => {
  test.beforeEach(({ machine }) => {
    machine.hooks = [launch]
    machine.target = 'Warmed:Running'
    machine.lifecycleState = 'Warmed:Pending:Wait'
  })

  test('it pulls ahead, starts nothing, and lets itself be put away', async ({ machine }) => {
    const running = await pooled(machine)
    const pulls = machine.pulls
    expect(pulls).toEqual([expect.stringContaining(digest), expect.stringContaining(lockedDigest)])
    await machine.clock.pass(3_600_000)
    expect(machine.containers).toEqual([])
    expect(running.agent.status.ready).toBe(false)
    expect(running.agent.status.reason?.code).toBe('warm-pool')
    expect(machine.calls.filter((call) => call === `CONTINUE ${launch}`)).toHaveLength(1)
  })

  test('called into service, it comes up and completes the hook again', async ({ machine }) => {
    const running = await pooled(machine)
    machine.calls.length = 0
    calledIn(machine)
    await running.until(() => machine.calls.includes(`CONTINUE ${launch}`))
    expect(machine.pulls).toEqual([])
    expect(running.agent.status).toMatchObject({ phase: 'ready', ready: true })
  })

  test('called into service, it runs what its group is tagged with by then', async ({ machine }) => {
    const running = await pooled(machine)
    machine.tags = { ...machine.tags, version: 'v2', digests: { '': nextDigest } }
    calledIn(machine)
    await running.ready()
    expect(running.agent.status.wanted?.version).toBe('v2')
    await running.until(() => machine.reports.at(-1)?.phase === 'ready')
    expect(machine.reports.at(-1)?.images).toMatchObject([{ digest: nextDigest }])
    expect((await loadState(machine.state))?.verified?.wanted.version).toBe('v2')
  })

  test('of the bundles it has been through it keeps its own and the one before', async ({ machine }) => {
    const bundles = join(machine.state, 'bundles')
    for (const [hour, revision] of ['000000000001', '000000000002'].entries()) {
      await mkdir(join(bundles, revision), { recursive: true })
      await utimes(join(bundles, revision), hour * 3_600, hour * 3_600)
    }
    const running = await pooled(machine)
    calledIn(machine)
    await running.until(() => !readdirSync(bundles).includes('000000000001'))
    expect(new Set(readdirSync(bundles))).toEqual(new Set(['000000000002', machine.tags.bundle]))
  })

  test('its membership tells where its metadata say nothing yet', async ({ machine }) => {
    machine.target = null
    const running = await pooled(machine)
    expect(machine.containers).toEqual([])
    calledIn(machine)
    machine.target = 'Warmed:Running'
    await machine.clock.pass(30_000)
    expect(machine.containers).toEqual([])
    machine.target = 'InService'
    await running.ready()
  })

  test('put away and started again, it goes on from its disk with the tags of now', async ({ machine }) => {
    let running = await pooled(machine)
    machine.stops = true
    await running.stop()
    Object.assign(machine, { stops: false, bootId: 'boot-2' })
    machine.calls.length = 0
    calledIn(machine)
    running = await machine.serve()
    expect(machine.pulls).toEqual([])
    expect((await loadState(machine.state))?.pulled).toEqual([
      expect.stringContaining(digest),
      expect.stringContaining(lockedDigest),
    ])
  })

  test('a version that can never run here is given back', async ({ machine }) => {
    machine.faults.registry = 'manifest unknown: manifest unknown'
    const running = await machine.start()
    await running.until(() => machine.calls.includes(`ABANDON ${launch}`))
  })

  test('from service back into it: drained, stopped, and of no version any more', async ({ machine }) => {
    const running = await leaving(machine)
    const told = machine.clock.now()
    await running.until(() => machine.calls.includes('stop'))
    expect(machine.clock.now() - told).toBeGreaterThanOrEqual(29_000)
    await running.until(() => machine.calls.includes(`CONTINUE ${termination}`))
    machine.lifecycleState = 'Warmed:Pending:Wait'
    await running.until(() => machine.calls.includes(`CONTINUE ${launch}`))
    expect((await loadState(machine.state))?.verified).toBeNull()
    machine.tags = { ...machine.tags, version: 'v2', digests: { '': nextDigest } }
    calledIn(machine)
    await running.ready()
    expect(running.agent.status.wanted?.version).toBe('v2')
  })

  test('an agent that starts anew on the way back into it drains, stops and completes the hook', async ({
    machine,
  }) => {
    let running = await leaving(machine)
    await running.stop()
    machine.calls.length = 0
    const began = machine.clock.now()
    running = await machine.start()
    expect(running.agent.status.phase).toBe('draining')
    await running.until(() => machine.calls.includes(`CONTINUE ${termination}`))
    expect(machine.calls.filter((call) => !call.startsWith('heartbeat'))).toEqual([
      'stop',
      `CONTINUE ${termination}`,
    ])
    expect(machine.clock.now() - began).toBeGreaterThanOrEqual(29_000)
    expect((await loadState(machine.state))?.verified).toBeNull()
  })

  test.for(['boot-1', 'boot-2'])(
    'called into service while no agent ran, it is of no version any more (%s)',
    async (bootId, { machine }) => {
      let running = await leaving(machine)
      await running.stop()
      machine.tags = { ...machine.tags, version: 'v2', digests: { '': nextDigest } }
      machine.bootId = bootId
      calledIn(machine)
      running = await machine.serve()
      expect(running.agent.status.wanted?.version).toBe('v2')
    },
  )

  test('called back while its app is still being stopped, it comes up all the same', async ({ machine }) => {
    machine.target = 'InService'
    machine.lifecycleState = 'Pending:Wait'
    const running = await machine.serve()
    machine.faults.slowStops = true
    machine.target = 'Warmed:Running'
    machine.lifecycleState = 'Warmed:Running'
    await running.until(() => machine.calls.includes('stop'))
    calledIn(machine)
    await machine.clock.pass(20_000)
    machine.faults.slowStops = false
    await running.ready()
  })
})
