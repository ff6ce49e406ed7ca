import { traceSchema, type Trace } from '@switchover/contract/trace'
import { describe, expect, test } from 'vitest'
import { beforeDeploy, beforeFirst, instance, run, withReport } from '../decide/fixture.ts'
import { turnTo } from '../decide/start.ts'
import type { World } from '../decide/world.ts'
import { happened, most, nothingSeen, seen, type Watched } from './watch.ts'

const hooks = { launching: ['boot'], terminating: [] }

function watch(worlds: readonly World[], launchedAt: ReadonlyMap<string, number> = new Map()): Watched {
  const from = worlds[0]?.now ?? 0
  return worlds.reduce((watched, world) => seen(watched, world, launchedAt), nothingSeen(from))
}

/** Every world of a deployment that goes well. */
function worldsOf(start: World): World[] {
  const worlds: World[] = []
  const { world } = run(start, (one) => {
    worlds.push(one)
    return false
  })
  return [...worlds, world]
}

const words = (watched: Watched, id: string) => watched.instances.get(id)?.states.map(([, state]) => state)
const at = (world: World, seconds: number): World => ({ ...world, now: world.now + seconds * 1_000 })

describe('what is seen', () => {
  test('of a deployment that goes well: who came up when, who was parked, what was required', () => {
    const start = beforeDeploy({ live: 2, hooks })
    const watched = watch(worldsOf(start))
    const fresh = [...watched.instances.values()].filter(({ side }) => side === 'new')
    expect(fresh).toHaveLength(2)
    expect(words(watched, fresh[0]?.id ?? '')).toEqual(['pending', 'booting', 'in-service', 'serving'])
    expect(words(watched, 'old-1')).toEqual(['serving', 'draining', 'standby'])
    expect(watched.required).toEqual([[0, 2]])
    expect(watched.sources).toEqual([
      { name: 'web-0', deregistrationDelay: 5_000, slowStart: 0 },
      { name: 'web-1', deregistrationDelay: 5_000, slowStart: 0 },
    ])
    expect(fresh.every(({ lack }) => lack === null)).toBe(true)
  })

  test('of a rollback: what is taken out of the load balancer leaves, and is not ill', () => {
    const { world } = run(beforeDeploy({ live: 2, hooks }))
    const back = worldsOf({ ...world, deployment: turnTo(world.deployment, 'rollback', world.now) })
    const watched = watch(back)
    const [fresh] = [...watched.instances.values()].filter(({ side }) => side === 'new')
    expect(words(watched, fresh?.id ?? '')).toEqual(['serving', 'ending', 'gone'])
  })

  test('of a first deployment: nothing is required before it serves', () => {
    const required = watch(worldsOf(beforeFirst(2))).required.map(([, count]) => count)
    expect(required).toEqual([0, 2])
  })

  test('of an agent: its first moment, its phases, what it pulls, why it gave up and its last words', () => {
    const world = { ...beforeDeploy(), now: Date.parse('2026-01-01T00:01:00Z') }
    const coming: World = { ...world, new: { ...world.new, instances: [instance('i-1', 'Pending:Wait')] } }
    const report = {
      phase: 'pulling' as const,
      writtenAt: '2026-01-01T00:01:10Z',
      timings: { booting: 2_000, pulling: 3_000 },
      progress: { image: 'web', bytes: 10, total: 40, unpacked: 0, bytesPerSecond: 1, remainingMs: null },
    }
    const pulling = withReport(coming, 'i-1', report)
    const reason = { code: 'app-unhealthy', sentence: 'It never answered.', kind: 'terminal' as const }
    const logs = [{ service: 'web', lines: Array.from({ length: 50 }, (_, n) => `line ${n}`) }]
    const failed = withReport(coming, 'i-1', { ...report, phase: 'failed', reason, logs })
    const pulled = watch([pulling]).instances.get('i-1')?.agent
    expect(pulled).toMatchObject({ startedAt: 5_000, phase: 'pulling', pull: { bytes: 10, total: 40 } })
    const { agent, lack } = watch([pulling, withoutProgress(failed)]).instances.get('i-1') ?? {}
    expect(agent).toMatchObject({ phase: 'failed', reason, pull: { bytes: 10, total: 40 } })
    expect(agent?.logs).toHaveLength(most.lines)
    expect(agent?.logs.at(-1)).toBe('web | line 49')
    expect(lack).toBe('failed: It never answered.')
  })

  test('of a launch: when Auto Scaling began it, which may be before the first look', () => {
    const world = beforeDeploy()
    const coming: World = { ...world, new: { ...world.new, instances: [instance('i-1', 'Pending')] } }
    const watched = watch([coming], new Map([['i-1', coming.now - 3_000]]))
    expect(watched.instances.get('i-1')?.launchedAt).toBe(-3_000)
  })

  test('of one that is gone before its report was read: why its agent gave up', () => {
    const world = beforeDeploy()
    const coming: World = { ...world, new: { ...world.new, instances: [instance('i-1', 'Pending:Wait')] } }
    const reason = { code: 'image-not-found', sentence: 'It is not there.', kind: 'terminal' as const }
    const gone = withReport(at(world, 5), 'i-1', { phase: 'failed', reason })
    expect(watch([coming, gone]).instances.get('i-1')?.agent).toMatchObject({ phase: 'failed', reason })
  })

  test('of an instance that says nothing new: nothing, so that a large fleet is not copied at each look', () => {
    const coming = withReport(
      { ...beforeDeploy(), new: { ...beforeDeploy().new, instances: [instance('i-1', 'Pending:Wait')] } },
      'i-1',
      { phase: 'pulling', timings: { booting: 2_000 } },
    )
    const first = watch([coming])
    expect(seen(first, at(coming, 1), new Map()).instances.get('i-1')).toBe(first.instances.get('i-1'))
  })

  test('of one that leaves: that it is gone, once', () => {
    const world = beforeDeploy({ live: 2 })
    const left: World = { ...world, old: { ...world.old, instances: world.old.instances.slice(1) } }
    const watched = watch([world, at(left, 5), at(left, 10)])
    expect(watched.instances.get('old-1')?.states).toEqual([
      [0, 'serving'],
      [5_000, 'gone'],
    ])
  })

  test('of failed launches and replacements: each once', () => {
    const world: World = {
      ...beforeDeploy(),
      launchFailures: [{ at: 1_000_500, sentence: 'No room.', kind: 'capacity' }],
      replacements: [{ at: 1_001_000, instance: 'i-9', cause: 'It was unhealthy.' }],
    }
    expect(watch([world, at(world, 1)]).happenings).toEqual([
      { at: 500, kind: 'launch-failed', text: 'No room.' },
      { at: 1_000, kind: 'replaced', text: 'i-9: It was unhealthy.' },
    ])
  })
})

/** An agent that pulls no more says nothing of a pull. */
function withoutProgress(world: World): World {
  const reports = [...world.reports].map(([id, report]) => {
    const { progress, ...rest } = report
    return [id, progress === undefined ? report : rest] as const
  })
  return { ...world, reports: new Map(reports) }
}

function traceOf(watched: Watched): Trace {
  return traceSchema.parse({
    schema: 1,
    id: 'd1',
    service: 'web',
    owner: 'a',
    goal: 'deploy',
    rest: 'parked',
    ...watched,
    instances: [...watched.instances.values()],
    calls: { bucketMs: 1_000, operations: {} },
  })
}

describe('its size', () => {
  test('for two fleets of 400 is a few hundred bytes an instance', () => {
    const start = beforeDeploy({ live: 400, idleMax: 400, hooks })
    const watched = watch(worldsOf(start))
    expect(watched.instances.size).toBe(800)
    const bytes = JSON.stringify(traceOf(watched)).length
    expect(bytes).toBeLessThan(800 * 350)
  })

  test('does not grow with what goes to and fro, nor with what is told', () => {
    const good = beforeDeploy({ live: 1 })
    const bad: World = {
      ...good,
      trafficSources: good.trafficSources.map((one) => ({ ...one, health: new Map() })),
    }
    const worlds = Array.from({ length: 500 }, (_, n) => at(n % 2 === 0 ? good : bad, n))
    const watched = worlds.reduce(
      (before, world) => happened(seen(before, world, new Map()), { at: 1, kind: 'warning', text: 'Again.' }),
      nothingSeen(good.now),
    )
    const states = watched.instances.get('old-1')?.states ?? []
    expect(states).toHaveLength(most.states)
    expect([states[0], states.at(-1)]).toEqual([
      [0, 'serving'],
      [499_000, 'in-service'],
    ])
    expect(watched.happenings).toHaveLength(most.happenings)
  })

  test('has a bound on instances, and says how many found no room', () => {
    const world = beforeDeploy({ live: most.instances + 7, max: 9_000 })
    expect(watch([world, at(world, 1)])).toMatchObject({ left: 7, instances: { size: most.instances } })
  })
})
