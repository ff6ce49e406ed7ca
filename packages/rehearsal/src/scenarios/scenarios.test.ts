import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { scenarios } from './all.ts'
import { judge } from './drill.ts'
import type { Seen } from './scenario.ts'
import { deployed, ended, failed, group, inService, standby } from './seen.fixture.ts'

const lost = 'v2 was not deployed: i-1 in web-green: The registry has no image web@sha256:0.'
const late =
  'web-green was not ready to take over within 20s (still waiting for i-1: verifying: The app answers 500.).'
const noRoom = 'web-green got no capacity twice in a row: We do not have sufficient capacity.'

const rolledBack: Seen = {
  ...failed(''),
  commands: [ended('deploy', 0), ended('rollback', 0)],
  after: { blue: group(2, inService('b2', 'b3')), green: group(0) },
  healthy: ['b2', 'b3'],
  struck: ['b1'],
}

/** What each scenario is to look like when all went well. */
const good: Record<string, Seen> = {
  'bad-image': failed(lost),
  'never-healthy': failed(late),
  'scale-out': { ...deployed, after: { ...deployed.after, blue: group(0, standby('b1', 'b2', 'b3')) } },
  'launch-fails': failed(noRoom),
  'standby-dies': rolledBack,
  'coordinator-killed': { ...deployed, commands: [ended('deploy', null), ended('resume', 0)] },
  throttled: deployed,
  spot: {
    ...deployed,
    after: { ...deployed.after, green: group(2, inService('g1', 'g2')) },
    struck: ['g0'],
  },
  'slow-drain': deployed,
}

const named = (name: string) => {
  const scenario = scenarios.find((one) => one.name === name)
  if (!scenario) throw new Error(`There is no scenario ${name}.`)
  return scenario
}
const unmet = (name: string, seen: Seen): string[] =>
  judge(named(name), seen).flatMap(({ ok, must }) => (ok ? [] : [must]))

describe.each(scenarios)('$name', ({ name }) => {
  const seen = good[name] ?? deployed

  test('meets every expectation where all went well', () => {
    expect(Object.keys(good)).toContain(name)
    expect(unmet(name, seen)).toEqual([])
  })

  test('does not where a request failed, or none was sent', () => {
    const { traffic } = seen
    expect(unmet(name, { ...seen, traffic: { ...traffic, failed: 1, failures: ['x'] } })).toHaveLength(1)
    expect(unmet(name, { ...seen, traffic: { ...traffic, sent: 0, answered: 0 } })).toHaveLength(1)
  })

  test('does not where the shipped policies refused a call', () => {
    expect(unmet(name, { ...seen, refused: ['No.'] })).toHaveLength(1)
  })

  test('does not where a command ended otherwise, or did not run', () => {
    for (const wrong of seen.commands) {
      const commands = seen.commands.map((one) => (one === wrong ? { ...one, exitCode: 4 } : one))
      expect(unmet(name, { ...seen, commands }), wrong.command).not.toEqual([])
    }
    expect(unmet(name, { ...seen, commands: [] })).not.toEqual([])
  })

  test('does not where both groups are empty at the end', () => {
    expect(unmet(name, { ...seen, after: { blue: group(0), green: group(0) } })).not.toEqual([])
  })
})

const rows: [what: string, name: string, change: Partial<Seen>, unmet: RegExp][] = [
  ['another reason', 'bad-image', { commands: failed(late).commands }, /names the image/],
  [
    'the time limit waited out',
    'bad-image',
    { commands: [ended('deploy', 1, { text: lost, tookMs: 1_800_000 })] },
    /ends in less than/,
  ],
  ['a live instance replaced', 'bad-image', after(inService('b1', 'b9'), {}), /keeps its instances/],
  ['a new instance left over', 'bad-image', after(inService('b1', 'b2'), inService('g1')), /empty again/],
  [
    'a request to v2',
    'never-healthy',
    { traffic: { ...deployed.traffic, byVersion: { v1: 9, v2: 1 } } },
    /reaches v2/,
  ],
  [
    'the old fleet parked before the new one had grown',
    'scale-out',
    { sightings: deployed.sightings.filter(({ instance }) => instance !== 'g3') },
    /parked only then/,
  ],
  ['the dead instance back', 'standby-dies', after(inService('b1', 'b2'), {}), /serves v1 again/],
  [
    'one instance too few',
    'standby-dies',
    { ...after(inService('b2'), {}), healthy: ['b2'] },
    /serves v1 again/,
  ],
  ['a survivor replaced', 'standby-dies', { struck: ['b2'] }, /serves v1 again/],
  [
    'an old instance not parked',
    'coordinator-killed',
    after({ b1: 'InService', b2: 'Standby' }, inService('g1', 'g2')),
    /is parked/,
  ],
  ['new instances in service and not healthy', 'throttled', { healthy: ['g1'] }, /serves with at least/],
  ['the taken instance still there', 'spot', { struck: ['g1'] }, /is gone/],
  ['no other in its place', 'spot', after({}, inService('g1')), /is gone/],
  ['nobody taken', 'spot', { struck: [] }, /is gone/],
  [
    'traffic that waited for the drain',
    'slow-drain',
    { commands: [ended('deploy', 0, { tookMs: 40_000, switchedMs: 39_000 })] },
    /before the drain/,
  ],
]

function after(blue: Record<string, string>, green: Record<string, string>): Partial<Seen> {
  return { after: { blue: group(2, blue), green: group(0, green) } }
}

test.each(rows)('%s does not meet %s', (_, name, change, which) => {
  expect(unmet(name, { ...(good[name] ?? deployed), ...change }).join('\n')).toMatch(which)
})

test('the README lists every scenario, and no other', () => {
  const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8')
  const section = readme.split('## Break it')[1]?.split('\n## ')[0] ?? ''
  const listed = [...section.matchAll(/^\| `([a-z-]+)` \| (.+) \|$/gm)].map(([, name, what]) => ({
    name,
    what,
  }))
  expect(listed).toEqual(scenarios.map(({ name, summary }) => ({ name, what: summary })))
})
