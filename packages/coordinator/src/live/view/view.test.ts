import { describe, expect, test } from 'vitest'
import { decide } from '../../decide/decide.ts'
import { deployLadder } from '../../decide/deploy.ts'
import { finishLadder } from '../../decide/finish.ts'
import { beforeDeploy, beforeFirst, run, whenStep, whenTaken, withReport } from '../../decide/fixture.ts'
import { withGroup, withHealth, withInstance, withMachine } from '../../decide/model-group.ts'
import { journalled } from '../../decide/journal.ts'
import { rollbackLadder } from '../../decide/rollback.ts'
import { finishKept, turnTo } from '../../decide/start.ts'
import type { World } from '../../decide/world.ts'
import { asciiSigns, unicodeSigns } from './line.ts'
import { sightOfWatch } from './sight-of-watch.ts'
import { sightOfWorld } from './sight-of-world.ts'
import { view, type Frame } from './view.ts'

const at = Date.UTC(2026, 0, 1, 12, 0, 0)
const frame: Frame = {
  width: 80,
  height: 16,
  signs: unicodeSigns,
  age: 0,
  pace: 1_000,
  question: [],
  hint: 'Ctrl-C asks what to do.',
}

/** Two old instances that serve, and two new ones of which one pulls and one is up. */
function comingUp(): World {
  const start = beforeDeploy({ live: 2, targets: 1 })
  const begun = { ...start.deployment.marks, begunAt: at }
  const world = whenTaken(deployLadder, 'waitUntilReady', {
    ...start,
    now: at,
    deployment: { ...start.deployment, marks: begun },
  })
  const [first, second] = ['i-0a1', 'i-0b2'].map((id, index) => ({
    id,
    lifecycle: index === 0 ? 'Pending:Wait' : 'InService',
    healthy: true,
    protected: false,
  }))
  if (!first || !second) throw new Error('Two instances were made.')
  const now = at + 42_000
  const launched = { ...withGroup(world, 'new', { desired: 2, instances: [first, second] }), now }
  const initial = withHealth(launched, 'i-0b2', { state: 'initial', reason: 'Elb.InitialHealthChecking' })
  const pulling = withReport(initial, 'i-0a1', {
    phase: 'pulling',
    since: iso(at + 20_000),
    writtenAt: iso(at + 35_000),
    progress: {
      image: 'web',
      bytes: 214e6,
      total: 412e6,
      unpacked: 0,
      bytesPerSecond: 31e6,
      remainingMs: 6_400,
    },
  })
  return withReport(pulling, 'i-0b2', { phase: 'ready', writtenAt: iso(at + 40_000), version: 'v2' })
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function drawn(world: World, change: Partial<Frame> = {}): string[] {
  const lines = view(sightOfWorld({ world, step: decide(world) }), { ...frame, ...change })
  return lines.map((line) =>
    line
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
  )
}

test('at 80 columns', () => {
  expect(drawn(comingUp())).toEqual([
    'web  deploying v2                                                            42s',
    'web-blue   live       v1  2 in service                             desired 2',
    '  old-1  healthy',
    '  old-2  healthy',
    'web-green  coming up  v2  0 of 2 ready, 1 in service, 1 launching  desired 2',
    '  i-0a1  Pending:Wait  pulling ███░░░ 51 %, 6s left (7s ago)',
    '  i-0b2  initial       ready',
    'Waiting for 2 ready instances in web-green, 0 are. Given up at 12:30:00, in 30m.',
    'Ctrl-C asks what to do.',
  ])
})

test('at 120 columns, with every column, the rate and a longer bar', () => {
  expect(drawn(comingUp(), { width: 120 })).toContain(
    '  i-0a1  Pending:Wait  –        pulling ██████████░░░░░░░░░░ 51 % of 412 MB, 31 MB/s, 6s left (7s ago)',
  )
})

test('at 40 columns, with what tells most, and in ASCII where the locale has no more', () => {
  expect(drawn(comingUp(), { width: 40, signs: asciiSigns })).toEqual([
    'web  deploying v2                    42s',
    'web-blue   live       v1  2 in service ~',
    '  old-1  healthy',
    '  old-2  healthy',
    'web-green  coming up  v2  0 of 2 ready,~',
    '  i-0a1  pulling 51 %, 6s left (7s ago)',
    '  i-0b2  initial',
    'Waiting for 2 ready instances in',
    'web-green, 0 are. Given up at 12:30:00,',
    'in 30m.',
    'Ctrl-C asks what to do.',
  ])
})

test('only times that pass whatever happens move while nothing new is known', () => {
  const later = drawn(comingUp(), { age: 3_000, pace: 1_000 })
  expect(later.filter((line) => !drawn(comingUp()).includes(line))).toEqual([
    'web  deploying v2                                                            45s',
  ])
})

test('what is older than the pace of looks is said to be', () => {
  expect(drawn(comingUp(), { age: 13_000, pace: 1_000 })).toContain(
    'What you see is 13s old: no newer look has come back.',
  )
})

test('a question takes the place of the hint', () => {
  const lines = drawn(comingUp(), { question: ['Stop?', '  s  stop here'] })
  expect(lines.slice(-2)).toEqual(['Stop?', '  s  stop here'])
})

test('where lines are few, the wait and the groups stay', () => {
  expect(drawn(comingUp(), { height: 4 })).toEqual([
    'web  deploying v2                                                            42s',
    'web-blue   live       v1  2 in service                             desired 2',
    'web-green  coming up  v2  0 of 2 ready, 1 in service, 1 launching  desired 2',
    'Waiting for 2 ready instances in web-green, 0 are. Given up at 12:30:00, in 30m.',
  ])
})

describe('a large fleet is grouped by where it stands', () => {
  const many = 400

  /** 396 serve, one of whom fails its check; 3 pull, 1 has given up. */
  function fleet(): World {
    const ids = Array.from({ length: many }, (_, n) => `i-${String(n).padStart(3, '0')}`)
    let world = comingUp()
    const instances = ids.map((id) => ({ id, lifecycle: 'InService', healthy: true, protected: false }))
    world = withGroup(world, 'new', { desired: many, instances })
    world = { ...world, deployment: { ...world.deployment, required: many } }
    for (const id of ids) {
      world = withHealth(world, id, { state: 'healthy', reason: null })
      world = withReport(world, id, { phase: 'ready', writtenAt: iso(world.now) })
    }
    for (const id of ['i-001', 'i-002', 'i-003']) {
      world = withHealth(withInstance(world, 'new', id, { lifecycle: 'Pending:Wait' }), id, null)
      const [bytes, total] = [Number(id.slice(2)) * 1e8, 1e9]
      const progress = { image: 'web', bytes, total, unpacked: 0, bytesPerSecond: 1e7, remainingMs: null }
      world = withReport(world, id, { phase: 'pulling', progress })
    }
    const reason = { code: 'no-image', sentence: 'The image is gone.', kind: 'terminal' } as const
    world = withReport(world, 'i-004', { phase: 'failed', reason })
    return withHealth(world, 'i-005', { state: 'unhealthy', reason: 'Target.FailedHealthChecks' })
  }

  test('with counts that add up, and the few named that matter', () => {
    const lines = drawn(fleet(), { height: 20 })
    expect(lines.slice(lines.findIndex((line) => line.startsWith('web-green')) + 1)).toEqual([
      '    1    unhealthy     ready  Target.FailedHealthChecks',
      '    1    healthy       failed: The image is gone.',
      '    3    Pending:Wait  pulling █░░░░░ 20 % of 3 GB, 30 MB/s together',
      '  395    healthy       ready',
      '  i-004  healthy       failed: The image is gone.',
      '  i-005  unhealthy     ready  Target.FailedHealthChecks',
      '  i-001  Pending:Wait  pulling ░░░░░░ 10 %',
      '  i-002  Pending:Wait  pulling █░░░░░ 20 %',
      '  i-003  Pending:Wait  pulling █░░░░░ 30 %',
      '',
      'Turn back. i-004 in web-green: The image is gone.',
      'Ctrl-C asks what to do.',
    ])
  })
})

/** A goal that begins with the old fleet parked, by a process that has read no report yet. */
function turned(goal: 'rollback' | 'finish'): World {
  const world = { ...run(beforeDeploy({ live: 2 })).world, reports: new Map() }
  return { ...world, deployment: turnTo(world.deployment, goal, world.now) }
}

describe('once the old fleet is parked', () => {
  test('a rollback launches nothing, and says nothing of agents that it does not ask', () => {
    const world = whenTaken(rollbackLadder, 'waitUntilCarried', turned('rollback'))
    const back = withReport(withInstance(world, 'old', 'old-1', { lifecycle: 'Pending' }), 'old-1', {
      phase: 'parked',
    })
    expect(drawn(back, { width: 60 })).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^web-blue {3}coming up {2}v1 {2}2 pending/),
        '  old-1        Pending',
      ]),
    )
    expect(drawn(back).join()).not.toContain('no report yet')
  })

  test.each([
    ['rollback', rollbackLadder, 'waitNewGone', 'web-green  going away  v2  2 in service  desired 0'],
    ['finish', finishLadder, 'endParked', 'web-blue   parked  v1  2 in Standby  desired 0'],
  ] as const)('a %s tells what leaves by what it runs, not by tags', (goal, ladder, rule, line) => {
    expect(drawn(whenTaken(ladder, rule, turned(goal)))).toContain(line)
  })

  test('what serves again is not called parked, as its agent said last', () => {
    const world = whenTaken(rollbackLadder, 'waitNewGone', turned('rollback'))
    expect(drawn(withReport(world, 'old-1', { phase: 'parked' }))).toContain('  old-1        healthy')
  })

  test('a finish of what was kept has times of its own', () => {
    const { now, deployment, ...rest } = run(beforeDeploy({ live: 2 })).world
    const [kept] = rest.new.instances.map(({ id }) => id)
    const back = turnTo(deployment, 'rollback', now)
    const finish = finishKept({ ...back, stage: 'kept', kept: [kept ?? ''] }, now + 86_400_000)
    const predicted = { switchedMs: null, endedMs: 86_400_000 + 30_000 }
    const world = { ...rest, now: now + 86_402_000, deployment: { ...finish, predicted } }
    expect(drawn(world)[0]).toMatch(/^web {2}finishing v2 +2s of about 30s$/)
  })

  test('a rollback has switched while what it took out of the load balancer is in service still', () => {
    const world = whenTaken(rollbackLadder, 'waitNewGone', turned('rollback'))
    expect(drawn(world)).toContain('web-blue   live        v1  2 in service  desired 2')
  })

  test('what enters Standby is parking, and a watcher is told of the switch as done', () => {
    const world = whenStep('mark-switched', beforeDeploy({ live: 2 }))
    const lease = { owner: 'alice@laptop 4711 x', expiresAt: world.now + 30_000 }
    const lines = view(sightOfWatch({ world, step: decide(world), lease }), frame)
    const text = lines.map((line) => line.map((one) => one.text).join('')).join('\n')
    expect(text).toMatch(/^web-blue {3}parked {2}v1 {2}2 parking/m)
    expect(text).toMatch(/^Switched\.$/m)
  })

  test('no switch of what turns back before it parked anything', () => {
    const start = beforeDeploy({ live: 2 })
    const back = { ...start, deployment: turnTo(start.deployment, 'rollback', start.now) }
    const noted = whenTaken(rollbackLadder, 'noteReturn', back)
    expect(drawn(noted)).toContain('All new traffic goes to web-blue.')
    const mark = { kind: 'mark-switched', why: '' } as const
    const marked = { ...noted, deployment: journalled(noted.deployment, mark, noted.now + 5_000, 'a') }
    expect([...drawn(noted), ...drawn(marked)].join('\n')).not.toMatch(/switched/i)
  })

  test('the time of the switch is the one that the result tells', () => {
    const world = whenTaken(deployLadder, 'waitOutDrain', beforeDeploy({ live: 2 }))
    const { marks } = world.deployment
    const switchedAt = marks.begunAt + 15_600
    expect(
      drawn({ ...world, deployment: { ...world.deployment, marks: { ...marks, switchedAt } } }),
    ).toContain('Switched after 16s.')
  })
})

describe('says', () => {
  test('when a drain is over at the latest', () => {
    const world = whenTaken(deployLadder, 'waitOutDrain', beforeDeploy({ live: 2 }))
    expect(drawn(world, { width: 120 })).toContain(
      'Waiting for 2 old instances to drain (deregistration delay). At the latest until 00:16:48, in 5s.',
    )
  })

  test('that a group comes up before its first instance is there', () => {
    const world = withGroup(comingUp(), 'new', { desired: 2, instances: [] })
    expect(drawn(world)).toContain('web-green  coming up  v2  0 of 2 ready  desired 2')
  })

  test('that a first version is not live before it is healthy', () => {
    const { world } = run(beforeFirst(2), ({ new: fresh }) =>
      fresh.instances.some(({ lifecycle }) => lifecycle === 'InService'),
    )
    expect(drawn(world)).toContainEqual(
      expect.stringMatching(/^web-green +coming up +v2 +\d of 2 ready, [12] in service/),
    )
  })

  test('when a bake ends', () => {
    const world = whenTaken(deployLadder, 'waitOutBake', beforeDeploy({ flags: { bakeMs: 600_000 } }))
    expect(drawn(world).join('\n')).toMatch(
      /Waiting for the end of the bake\. Until \d\d:\d\d:\d\d, in 10m\./,
    )
  })

  test('why it goes back', () => {
    const world = comingUp()
    const failure = { code: 'x', sentence: 'i-0a1 gave up.', kind: 'terminal' } as const
    const back = { ...turnTo(world.deployment, 'rollback', world.now), failure }
    expect(drawn({ ...world, deployment: back })).toContain('Going back: i-0a1 gave up.')
    const finish = { ...world, deployment: { ...back, goal: 'finish' as const } }
    expect(drawn(finish).join()).not.toContain('Going back')
  })

  test('how far an image is unpacked once all of it is here', () => {
    const { progress } = comingUp().reports.get('i-0a1') ?? {}
    if (!progress) throw new Error('It pulls.')
    const here = { ...progress, bytes: 412e6, unpacked: 103e6 }
    const world = withReport(comingUp(), 'i-0a1', { progress: here, writtenAt: iso(at + 42_000) })
    expect(drawn(world)).toContain('  i-0a1  Pending:Wait  unpacking █░░░░░ 25 %, 6s left')
  })

  test('that a parked machine is dead', () => {
    const parked = whenTaken(deployLadder, 'waitOutBake', beforeDeploy({ flags: { bakeMs: 600_000 } }))
    expect(drawn(withMachine(parked, 'old-1', 'terminated'))).toContain(
      '  old-1        Standby  EC2: terminated',
    )
  })

  test('nothing that could move the cursor', () => {
    const reason = { code: 'x', sentence: 'Two\nlines\u001B[2J\r.', kind: 'retryable' } as const
    const world = withReport(comingUp(), 'i-0a1', { reason })
    expect(drawn(world)).toContain('  i-0a1  Pending:Wait  pulling: Two lines .')
  })
})
