import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { exposition } from '../../src/metrics/exposition.ts'
import { loadState } from '../../src/state.ts'
import { digest } from '../support/bundle.ts'
import { test } from '../support/machine-test.ts'

const launch = 'LAUNCHING'

describe('a new machine', () => {
  test('comes up, completes the launch hook and reports the digest that runs', async ({ machine }) => {
    machine.hooks = [launch]
    const running = await machine.serve()
    await running.until(() => machine.calls.includes(`CONTINUE ${launch}`))
    await running.until(() => machine.reports.at(-1)?.phase === 'ready')
    expect(machine.reports.at(-1)).toMatchObject({ version: 'v1', images: [{ service: 'web', digest }] })
    expect((await loadState(machine.state))?.verified?.wanted.version).toBe('v1')
    const counted = exposition(machine.counters.families())
    expect(counted).toContain('switchover_agent_steps_total{step="pull-pinned",outcome="done"} 1\n')
    expect(counted).toMatch(/^switchover_agent_health_samples_total\{result="pass"\} [1-9]/m)
    expect(counted).toMatch(/^switchover_agent_turns_total [1-9]/m)
  })

  test('waits for its group to be known, and for its tags, each by its name', async ({ machine }) => {
    const { version, bundle } = machine.tags
    machine.member = false
    machine.tags = { ...machine.tags, version: null, bundle: null }
    const running = await machine.start()
    const waitsFor = (sentence: RegExp) =>
      running.until(() => sentence.test(running.agent.status.reason?.sentence ?? ''))
    await waitsFor(/no group of i-0123456789abcdef0 yet/)
    machine.member = true
    await waitsFor(/web-blue has no tag switchover:version yet/)
    machine.tags = { ...machine.tags, version }
    await waitsFor(/web-blue has no tag switchover:bundle yet/)
    await machine.clock.pass(3_600_000)
    expect(running.agent.status.phase).toBe('resolving')
    machine.tags = { ...machine.tags, bundle }
    await running.ready()
  })

  test('asks once who it is, however often it is asked', async ({ machine }) => {
    let running = await machine.serve()
    await machine.clock.pass(600_000)
    await running.stop()
    running = await machine.start()
    await running.until(() => running.agent.settled)
    expect(machine.asked.filter((path) => path.includes('instance-identity'))).toHaveLength(1)
  })

  test('gives the instance back where it can never run', async ({ machine }) => {
    machine.hooks = [launch]
    machine.faults.registry = 'manifest unknown: manifest unknown'
    const running = await machine.start()
    await running.until(() => machine.calls.includes(`ABANDON ${launch}`))
    expect(running.agent.status.phase).toBe('failed')
  })

  test('without a compose it can use, it gives the instance back before it pulls anything', async ({
    machine,
  }) => {
    machine.hooks = [launch]
    machine.composeLacks = 'This machine has docker-compose 1.25.0; the agent needs another.'
    const running = await machine.start()
    await running.until(() => machine.calls.includes(`ABANDON ${launch}`))
    expect(running.agent.status.reason).toMatchObject({
      code: 'no-compose',
      sentence: machine.composeLacks,
    })
    expect(machine.pulls).toEqual([])
  })

  test('made from an image of a used machine, it asks for its own group, and nothing found there counts', async ({
    machine,
  }) => {
    let running = await machine.serve()
    await running.stop()
    const used = await readFile(join(machine.state, 'state.json'), 'utf8')
    await writeFile(
      join(machine.state, 'state.json'),
      used.replaceAll('i-0123456789abcdef0', 'i-0fffffffffffffff0'),
    )
    machine.bootId = 'boot-2'
    machine.tags = { ...machine.tags, version: 'v2' }
    machine.faults.aws = true
    running = await machine.start()
    await machine.clock.pass(60_000)
    expect([running.agent.status.ready, running.agent.status.phase]).toEqual([false, 'resolving'])
    machine.faults.aws = false
    await running.ready()
    expect(running.agent.status.wanted?.version).toBe('v2')
  })

  test('says at once that it is at work, for the hook may have little time left', async ({ machine }) => {
    machine.hooks = [launch]
    machine.faults.registry = 'connection refused'
    const running = await machine.start()
    const begun = machine.clock.now()
    await running.until(() => machine.calls.includes(`heartbeat ${launch}`))
    expect(machine.clock.now() - begun).toBeLessThan(15_000)
  })

  describe('whose metadata service is off', () => {
    test('says so, and comes up by itself when it is turned on', async ({ machine }) => {
      machine.faults.imds = 403
      const running = await machine.start()
      await running.until(() => running.agent.status.phase === 'failed')
      expect(running.agent.status.reason).toMatchObject({ code: 'metadata-disabled', kind: 'terminal' })
      expect(running.agent.status.reason?.sentence).toContain('modify-instance-metadata-options')
      await machine.clock.pass(600_000)
      machine.faults.imds = false
      await running.ready()
    })

    test('a new agent of the same boot goes on with what was saved', async ({ machine }) => {
      let running = await machine.serve()
      machine.faults.imds = 403
      await machine.clock.pass(60_000)
      expect(running.agent.status.ready).toBe(true)
      await running.stop()
      running = await machine.start()
      await running.until(() => running.agent.settled)
      expect(running.agent.status.ready).toBe(true)
      await machine.clock.pass(600_000)
      expect([running.agent.status.phase, running.agent.status.reason]).toEqual(['ready', null])
    })

    test.for([401, 404, 500, 503])('an answer of %d is waited out', async (status, { machine }) => {
      machine.faults.imds = status
      const running = await machine.start()
      await machine.clock.pass(600_000)
      expect(running.agent.status.phase).toBe('identifying')
      machine.faults.imds = false
      await running.ready()
    })
  })
})
