import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exposition } from '../src/metrics/exposition.ts'
import { loadState } from '../src/state.ts'
import { digest, lockedDigest, Machine, nextDigest, type Running } from './support/machine.ts'

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
    await rm(state, { recursive: true, force: true, maxRetries: 5 })
  })

  async function serve(): Promise<void> {
    running = await machine.start(state)
    await running.ready()
  }

  /** Has the warm pool give the machine into service. */
  function calledIn(): void {
    machine.target = 'InService'
    machine.lifecycleState = 'Pending:Wait'
  }

  /** Starts an agent in the warm pool, and waits until it lets the machine be put away. */
  async function pooled(): Promise<void> {
    running = await machine.start(state)
    await running.until(() => machine.calls.includes(`CONTINUE ${launch}`))
  }

  /** As EC2 writes it, without milliseconds. */
  function inSeconds(seconds: number): string {
    return machine.clock
      .wall(machine.clock.now() + seconds * 1_000)
      .toISOString()
      .replace(/\.\d+Z$/, 'Z')
  }

  /** Has EC2 announce that it takes the machine back, and returns when. */
  function interrupt(seconds: number): number {
    machine.interruption = { action: 'terminate', time: inSeconds(seconds) }
    return Date.parse(machine.interruption.time)
  }

  function spoken() {
    return machine.reports.at(-1)?.interruption ?? null
  }

  describe('on a new machine', () => {
    test('comes up, completes the launch hook and reports the digest that runs', async () => {
      machine.hooks = [launch]
      await serve()
      await running.until(() => machine.calls.includes(`CONTINUE ${launch}`))
      await running.until(() => machine.reports.at(-1)?.phase === 'ready')
      expect(machine.reports.at(-1)).toMatchObject({ version: 'v1', images: [{ service: 'web', digest }] })
      expect((await loadState(state))?.verified?.wanted.version).toBe('v1')
      const counted = exposition(machine.counters.families())
      expect(counted).toContain('switchover_agent_steps_total{step="pull-pinned",outcome="done"} 1\n')
      expect(counted).toMatch(/^switchover_agent_health_samples_total\{result="pass"\} [1-9]/m)
      expect(counted).toMatch(/^switchover_agent_turns_total [1-9]/m)
    })

    test('waits for its group to be known, and for its tags, each by its name', async () => {
      const { version, bundle } = machine.tags
      machine.member = false
      machine.tags = { ...machine.tags, version: null, bundle: null }
      running = await machine.start(state)
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

    test('asks once who it is, however often it is asked', async () => {
      await serve()
      await machine.clock.pass(600_000)
      await running.stop()
      running = await machine.start(state)
      await running.until(() => running.agent.settled)
      expect(machine.asked.filter((path) => path.includes('instance-identity'))).toHaveLength(1)
    })

    test('gives the instance back where it can never run', async () => {
      machine.hooks = [launch]
      machine.faults.registry = 'manifest unknown: manifest unknown'
      running = await machine.start(state)
      await running.until(() => machine.calls.includes(`ABANDON ${launch}`))
      expect(running.agent.status.phase).toBe('failed')
    })

    test('without a compose it can use, it gives the instance back before it pulls anything', async () => {
      machine.hooks = [launch]
      machine.composeLacks = 'This machine has docker-compose 1.25.0; the agent needs another.'
      running = await machine.start(state)
      await running.until(() => machine.calls.includes(`ABANDON ${launch}`))
      expect(running.agent.status.reason).toMatchObject({
        code: 'no-compose',
        sentence: machine.composeLacks,
      })
      expect(machine.calls.filter((call) => call.startsWith('pull'))).toEqual([])
    })

    test('made from an image of a used machine, it asks for its own group, and nothing found there counts', async () => {
      await serve()
      await running.stop()
      const used = await readFile(join(state, 'state.json'), 'utf8')
      await writeFile(
        join(state, 'state.json'),
        used.replaceAll('i-0123456789abcdef0', 'i-0fffffffffffffff0'),
      )
      machine.bootId = 'boot-2'
      machine.tags = { ...machine.tags, version: 'v2' }
      machine.faults.aws = true
      running = await machine.start(state)
      await machine.clock.pass(60_000)
      expect([running.agent.status.ready, running.agent.status.phase]).toEqual([false, 'resolving'])
      machine.faults.aws = false
      await running.ready()
      expect(running.agent.status.wanted?.version).toBe('v2')
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

    test('a pull shows how far it is, and one that gets no further is given up and tried again', async () => {
      machine.faults.endlessPulls = true
      running = await machine.start(state)
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

    test('a pull that died before its image was named is not begun again', async () => {
      machine.images.set(`registry.example/web@${digest}`, 'sha256:1')
      machine.images.set('registry.example/web:live', 'sha256:0')
      running = await machine.start(state)
      await running.ready()
      expect(machine.calls.filter((call) => call.startsWith('pull'))).toEqual([
        `pull registry.example/queue@${lockedDigest}`,
      ])
      expect(machine.images.get('registry.example/web:live')).toBe('sha256:1')
    })

    test('no pull fills the disk: older images go first, then it says what is missing, and goes on when there is room', async () => {
      for (const version of [1, 2, 3])
        machine.images.set(`registry.example/web:v0.${version}`, `sha256:${version}`)
      machine.disk = { ...machine.disk, freeBytes: 100e6 }
      running = await machine.start(state)
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

    test('what a full disk taught of an image counts at the next try', async () => {
      machine.faults.registry = 'failed to register layer: write /x: no space left on device'
      machine.faults.layerBytes = 200e6
      machine.disk = { ...machine.disk, freeBytes: 400e6, totalBytes: 1e9 }
      running = await machine.start(state)
      await running.until(() => running.agent.status.reason?.sentence.includes('500 MB') === true)
      const pulls = () => machine.calls.filter((call) => call.startsWith('pull')).length
      expect(pulls()).toBe(1)
      await machine.clock.pass(600_000)
      expect(pulls()).toBe(1)
      machine.faults.registry = null
      machine.disk = { ...machine.disk, freeBytes: 500e6 }
      await running.ready()
    })

    test('an image too large for an empty machine is not even begun; one that shares layers may be', async () => {
      machine.layerSizes = new Map([['a', 4e9]])
      machine.disk = { ...machine.disk, freeBytes: 9e9 }
      running = await machine.start(state)
      await running.until(() => running.agent.status.reason?.code === 'disk-full')
      expect(running.agent.status.reason?.sentence).toMatch(/9 GB and .* are free, 10 GB and .* are needed/)
      expect(machine.calls.filter((call) => call.startsWith('pull'))).toEqual([])
      machine.images.set('registry.example/web:v0', 'sha256:0')
      await running.ready()
    })

    test('a pull is ended when the machine is', async () => {
      machine.faults.endlessPulls = true
      running = await machine.start(state)
      await running.until(() => running.agent.status.progress !== null)
      machine.target = 'Terminated'
      await running.until(() => running.agent.status.phase === 'draining')
      await running.until(() => running.agent.status.progress === null)
      expect(machine.clock.now() - Date.parse('2026-01-01T00:00:00Z')).toBeLessThan(30_000)
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

  describe('whose metadata service is off', () => {
    test('says so, and comes up by itself when it is turned on', async () => {
      machine.faults.imds = 403
      running = await machine.start(state)
      await running.until(() => running.agent.status.phase === 'failed')
      expect(running.agent.status.reason).toMatchObject({ code: 'metadata-disabled', kind: 'terminal' })
      expect(running.agent.status.reason?.sentence).toContain('modify-instance-metadata-options')
      await machine.clock.pass(600_000)
      machine.faults.imds = false
      await running.ready()
    })

    test('a new agent of the same boot goes on with what was saved', async () => {
      await serve()
      machine.faults.imds = 403
      await machine.clock.pass(60_000)
      expect(running.agent.status.ready).toBe(true)
      await running.stop()
      running = await machine.start(state)
      await running.until(() => running.agent.settled)
      expect(running.agent.status.ready).toBe(true)
      await machine.clock.pass(600_000)
      expect([running.agent.status.phase, running.agent.status.reason]).toEqual(['ready', null])
    })

    test.each([401, 404, 500, 503])('an answer of %d is waited out', async (status) => {
      machine.faults.imds = status
      running = await machine.start(state)
      await machine.clock.pass(600_000)
      expect(running.agent.status.phase).toBe('identifying')
      machine.faults.imds = false
      await running.ready()
    })
  })

  describe('in the warm pool', () => {
    beforeEach(() => {
      machine.hooks = [launch]
      machine.target = 'Warmed:Running'
      machine.lifecycleState = 'Warmed:Pending:Wait'
    })

    test('it pulls ahead, starts nothing, and lets itself be put away', async () => {
      await pooled()
      const pulls = machine.calls.filter((call) => call.startsWith('pull'))
      expect(pulls).toEqual([expect.stringContaining(digest), expect.stringContaining(lockedDigest)])
      await machine.clock.pass(3_600_000)
      expect(machine.containers).toEqual([])
      expect(running.agent.status.ready).toBe(false)
      expect(running.agent.status.reason?.code).toBe('warm-pool')
      expect(machine.calls.filter((call) => call === `CONTINUE ${launch}`)).toHaveLength(1)
    })

    test('called into service, it comes up and completes the hook again', async () => {
      await pooled()
      machine.calls.length = 0
      calledIn()
      await running.until(() => machine.calls.includes(`CONTINUE ${launch}`))
      expect(machine.calls.filter((call) => call.startsWith('pull'))).toEqual([])
      expect(running.agent.status).toMatchObject({ phase: 'ready', ready: true })
    })

    test('called into service, it runs what its group is tagged with by then', async () => {
      await pooled()
      machine.tags = { ...machine.tags, version: 'v2', digests: { '': nextDigest } }
      calledIn()
      await running.ready()
      expect(running.agent.status.wanted?.version).toBe('v2')
      await running.until(() => machine.reports.at(-1)?.phase === 'ready')
      expect(machine.reports.at(-1)?.images).toMatchObject([{ digest: nextDigest }])
      expect((await loadState(state))?.verified?.wanted.version).toBe('v2')
    })

    test('its membership tells where its metadata say nothing yet', async () => {
      machine.target = null
      await pooled()
      expect(machine.containers).toEqual([])
      calledIn()
      machine.target = 'Warmed:Running'
      await machine.clock.pass(30_000)
      expect(machine.containers).toEqual([])
      machine.target = 'InService'
      await running.ready()
    })

    test('put away and started again, it goes on from its disk with the tags of now', async () => {
      await pooled()
      machine.stops = true
      await running.stop()
      Object.assign(machine, { stops: false, bootId: 'boot-2' })
      machine.calls.length = 0
      calledIn()
      running = await machine.start(state)
      await running.ready()
      expect(machine.calls.filter((call) => call.startsWith('pull'))).toEqual([])
    })

    test('a version that can never run here is given back', async () => {
      machine.faults.registry = 'manifest unknown: manifest unknown'
      running = await machine.start(state)
      await running.until(() => machine.calls.includes(`ABANDON ${launch}`))
    })

    test('from service back into it: drained, stopped, and of no version any more', async () => {
      machine.target = 'InService'
      machine.lifecycleState = 'Pending:Wait'
      await serve()
      await running.until(() => machine.lifecycleState === 'InService')
      machine.hooks = [launch, termination]
      machine.calls.length = 0
      machine.target = 'Warmed:Running'
      machine.lifecycleState = 'Terminating:Wait'
      await running.until(() => !running.agent.status.ready)
      const told = machine.clock.now()
      await running.until(() => machine.calls.includes('stop'))
      expect(machine.clock.now() - told).toBeGreaterThanOrEqual(29_000)
      await running.until(() => machine.calls.includes(`CONTINUE ${termination}`))
      machine.lifecycleState = 'Warmed:Pending:Wait'
      await running.until(() => machine.calls.includes(`CONTINUE ${launch}`))
      expect((await loadState(state))?.verified).toBeNull()
      machine.tags = { ...machine.tags, version: 'v2', digests: { '': nextDigest } }
      calledIn()
      await running.ready()
      expect(running.agent.status.wanted?.version).toBe('v2')
    })

    test('called back while its app is still being stopped, it comes up all the same', async () => {
      machine.target = 'InService'
      machine.lifecycleState = 'Pending:Wait'
      await serve()
      machine.faults.slowStops = true
      machine.target = 'Warmed:Running'
      machine.lifecycleState = 'Warmed:Running'
      await running.until(() => machine.calls.includes('stop'))
      calledIn()
      await machine.clock.pass(20_000)
      machine.faults.slowStops = false
      await running.ready()
    })
  })

  describe('once ready', () => {
    test('removes images of its own repository but the current and the previous one, once', async () => {
      for (const version of [1, 2, 3])
        machine.images.set(`registry.example/web:v0.${version}`, `sha256:${version}`)
      machine.images.set('elsewhere/web:v1', 'sha256:4')
      await serve()
      await running.until(() => machine.calls.includes('remove registry.example/web:v0.2'))
      machine.images.set('registry.example/web:v0.1', 'sha256:1')
      await machine.clock.pass(600_000)
      expect(machine.calls.filter((call) => call.startsWith('remove'))).toEqual([
        'remove registry.example/web:v0.1',
        'remove registry.example/web:v0.2',
      ])
    })

    test('keeps the image that was live before, though it is the oldest', async () => {
      machine.images.set('registry.example/web:v0.0', 'sha256:0')
      for (const version of [1, 2])
        machine.images.set(`registry.example/web:v0.${version}`, `sha256:${version}`)
      machine.images.set('registry.example/web:live', 'sha256:0')
      await serve()
      await running.until(() => machine.calls.includes('remove registry.example/web:v0.2'))
      await machine.clock.pass(600_000)
      expect(machine.images.get('registry.example/web:v0.0')).toBe('sha256:0')
      expect(machine.images.has('registry.example/web:v0.1')).toBe(false)
    })

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

    test('an hour without AWS, metadata, store and registry leaves it ready at every moment', async () => {
      await serve()
      Object.assign(machine.faults, { aws: true, imds: true, registry: 'dial tcp: i/o timeout' })
      const { status } = running.agent
      let unready = 0
      status.onChange(() => {
        if (!status.ready) unready += 1
      })
      const reports = machine.reports.length
      await machine.clock.pass(3_600_000)
      expect([unready, status.ready, status.phase]).toEqual([0, true, 'ready'])
      expect(machine.reports).toHaveLength(reports)
      machine.faults.aws = false
      await machine.clock.pass(600_000)
      expect(machine.reports.length).toBeGreaterThan(reports)
    })

    test('stays so while its engine is restarted; one that stays away takes readiness with it, in words', async () => {
      await serve()
      machine.faults.engine = true
      await machine.clock.pass(110_000)
      expect(running.agent.status.ready).toBe(true)
      machine.faults.engine = false
      await machine.clock.pass(10_000)
      machine.faults.engine = true
      await machine.clock.pass(110_000)
      expect(running.agent.status.ready).toBe(true)
      await running.until(() => !running.agent.status.ready)
      expect(running.agent.status.reason?.code).toBe('engine-unreachable')
      machine.faults.engine = false
      await running.ready()
    })

    test('a container that is pruned takes readiness with it only where it cannot be made again', async () => {
      await serve()
      machine.remove('web')
      await running.until(() => machine.calls.at(-1) === 'up web')
      await machine.clock.pass(60_000)
      expect(running.agent.status.ready).toBe(true)
      machine.faults.compose = true
      machine.remove('web')
      await running.until(() => !running.agent.status.ready)
      expect(running.agent.status.reason?.code).toBe('compose-failed')
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

    test('after a reboot with AWS away it goes on with the version it was verified to run, and says so', async () => {
      await serve()
      await running.stop()
      machine.bootId = 'boot-2'
      machine.tags = { ...machine.tags, version: 'v2' }
      machine.faults.aws = true
      running = await machine.start(state)
      await running.ready()
      expect(running.agent.status.wanted?.version).toBe('v1')
      expect(machine.log).toContain(
        'This machine was verified to run v1 of group web-blue before; it goes on with that.',
      )
    })

    test('after a reboot that lost its images it is never given up, whatever the registry says', async () => {
      await serve()
      await running.stop()
      machine.images.clear()
      machine.containers.length = 0
      machine.faults.registry = 'manifest unknown: manifest unknown'
      machine.bootId = 'boot-2'
      running = await machine.start(state)
      await machine.clock.pass(600_000)
      expect(running.agent.status.phase).toBe('pulling')
      expect(running.agent.status.reason).toMatchObject({ code: 'image-not-found', kind: 'retryable' })
      machine.faults.registry = null
      await running.ready()
    })

    test('after a reboot a healthy container of another image, which Docker started, does not count', async () => {
      await serve()
      await running.stop()
      machine.bootId = 'boot-2'
      Object.assign(machine.container('web') ?? {}, { imageId: 'sha256:another' })
      machine.faults.compose = true
      running = await machine.start(state)
      await running.until(() => machine.calls.filter((call) => call === 'up').length > 3)
      expect(running.agent.status.ready).toBe(false)
      machine.faults.compose = false
      await running.ready()
      expect(machine.container('web')?.imageId).not.toBe('sha256:another')
    })

    test.each([
      ['as its unit is shipped', 120_000, 20_000],
      ['that is impatient', 3_000, 1_000],
    ])('its loop feeds a watchdog %s, and a loop that hangs does not', async (_, watchdogMs, feedMs) => {
      machine.watchdogMs = watchdogMs
      await serve()
      machine.fed.length = 0
      await machine.clock.pass(10 * watchdogMs)
      const gaps = machine.fed.slice(1).map((at, index) => at - (machine.fed[index] ?? 0))
      expect(gaps.length).toBeGreaterThan(20)
      expect(Math.max(...gaps)).toBeLessThan(watchdogMs / 2)
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(feedMs)

      machine.faults.engineHangs = true
      await machine.clock.pass(watchdogMs)
      machine.fed.length = 0
      await machine.clock.pass(10 * watchdogMs)
      expect(machine.fed).toEqual([])
      machine.faults.engineHangs = false
    })

    test('an app that ends and is not started again takes readiness with it, in words', async () => {
      await serve()
      machine.faults.compose = true
      Object.assign(machine.container('web') ?? {}, { state: 'exited', exitCode: 3, oneShot: true })
      const died = machine.clock.now()
      await running.until(() => !running.agent.status.ready)
      expect(machine.clock.now() - died).toBeGreaterThan(4_000)
      expect(running.agent.status.reason?.code).toBe('compose-failed')
      machine.faults.compose = false
      await running.ready()
    })
  })

  describe.each([
    ['back', -86_400_000],
    ['forth', 86_400_000],
  ])('when the wall clock is set %s by a day', (_, byMs) => {
    test('what failed is tried again as soon as it would have been', async () => {
      machine.faults.registry = 'dial tcp 10.0.0.1:443: connect: connection refused'
      running = await machine.start(state)
      const pulls = () => machine.calls.filter((call) => call.startsWith('pull')).length
      await running.until(() => pulls() === 5)
      machine.clock.set(byMs)
      machine.faults.registry = null
      const at = machine.clock.now()
      await running.ready()
      expect(machine.clock.now() - at).toBeLessThan(120_000)
    })

    test('an app that dies is noticed, and one that comes back is, too', async () => {
      await serve()
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

    test('an interruption ends readiness at its moment', async () => {
      await serve()
      const at = interrupt(120)
      await running.until(() => spoken() !== null)
      machine.clock.set(byMs)
      await running.until(() => !running.agent.status.ready)
      expect(at - machine.clock.now()).toBe(100_000)
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

    test('of a machine still on its way up, the hook that comes only then is completed', async () => {
      machine.hooks = [launch, termination]
      machine.health = 'unhealthy'
      running = await machine.start(state)
      await running.until(() => machine.calls.includes(`heartbeat ${launch}`))
      machine.target = 'Terminated'
      await running.until(() => machine.calls.includes('stop'))
      await machine.clock.pass(5_000)
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

    describe('by EC2', () => {
      test('an interruption is reported at once, and ends readiness at its moment', async () => {
        await serve()
        const at = interrupt(120)
        const told = machine.clock.now()
        await running.until(() => spoken() !== null)
        expect(machine.clock.now() - told).toBeLessThanOrEqual(5_000)
        expect(spoken()).toEqual({ action: 'terminate', at: new Date(at).toISOString() })
        expect(running.agent.status.ready).toBe(true)
        await running.until(() => !running.agent.status.ready)
        // 30 s of drain, twice 30 s until the load balancer has seen it, and 10 s.
        expect(at - machine.clock.now()).toBe(100_000)
        await running.until(() => machine.calls.includes('stop'))
        expect(at - machine.clock.now()).toBe(10_000)
      })

      test('where Auto Scaling replaces the instance its hook is held and completed', async () => {
        await serve()
        machine.hooks = [termination]
        interrupt(120)
        await running.until(() => running.agent.status.phase === 'draining')
        machine.target = 'Terminated'
        machine.lifecycleState = 'Terminating:Wait'
        await running.until(() => machine.calls.includes(`CONTINUE ${termination}`))
        const calls = machine.calls.filter((call) => !call.startsWith('CONTINUE L'))
        expect(calls.indexOf(`heartbeat ${termination}`)).toBeLessThan(calls.indexOf('stop'))
        expect(calls.indexOf('stop')).toBeLessThan(calls.indexOf(`CONTINUE ${termination}`))
      })

      test('an interruption that is taken back in time changes nothing', async () => {
        await serve()
        interrupt(600)
        await running.until(() => spoken() !== null)
        machine.interruption = null
        await running.until(() => spoken() === null)
        await machine.clock.pass(900_000)
        expect(running.agent.status.ready).toBe(true)
        expect(machine.calls).not.toContain('stop')
      })

      test('a machine that outlives its interruption comes up again, once its app is healthy', async () => {
        await serve()
        interrupt(60)
        await running.until(() => machine.calls.includes('stop'))
        expect(running.agent.status.ready).toBe(false)
        for (const one of machine.containers) one.health = 'unhealthy'
        await running.until(() => machine.calls.at(-1) === 'up')
        await machine.clock.pass(30_000)
        expect(running.agent.status.ready).toBe(false)
        for (const one of machine.containers) one.health = 'healthy'
        await running.ready()
      })

      test('a new agent knows of the interruption before its first verdict', async () => {
        await serve()
        interrupt(60)
        await running.until(() => !running.agent.status.ready)
        await running.stop()
        running = await machine.start(state)
        await running.until(() => running.agent.settled)
        expect(running.agent.status.ready).toBe(false)
      })

      test('a rebalance recommendation is reported and nothing else', async () => {
        await serve()
        const time = inSeconds(0)
        machine.rebalance = { noticeTime: time }
        await running.until(() => machine.reports.at(-1)?.rebalanceRecommended !== undefined)
        expect(Date.parse(machine.reports.at(-1)?.rebalanceRecommended ?? '')).toBe(Date.parse(time))
        await machine.clock.pass(3_600_000)
        expect([running.agent.status.phase, running.agent.status.ready]).toEqual(['ready', true])
        expect(machine.log.filter((line) => line.includes('recommended'))).toHaveLength(1)
      })

      test('a notice that cannot be read takes nothing from what runs', async () => {
        await serve()
        machine.interruption = { action: 'terminate', time: 'soon' }
        await machine.clock.pass(600_000)
        expect(running.agent.status.ready).toBe(true)
        expect(machine.log.filter((line) => line.includes('cannot be read'))).toHaveLength(1)
      })
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
