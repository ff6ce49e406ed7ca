import { describe, expect, test } from 'vitest'
import { nextHealth, sampleOf, unknownHealth, usualThresholds, type Sample } from './health.ts'
import type { ContainerView } from './observation.ts'
import { retryable } from './reason.ts'

const fail: Sample = { kind: 'fail', reason: retryable('app-unhealthy', 'It answers 500.') }
const pass: Sample = { kind: 'pass' }
const holds: Sample = { kind: 'holds' }
const starting: Sample = { kind: 'starting' }

describe('health', () => {
  test.each<[string, Sample[], boolean]>([
    ['nothing seen', [], false],
    ['one success is enough', [fail, fail, pass], true],
    ['an answer no engine confirms makes nothing healthy', [fail, holds], false],
    ['and keeps what is', [pass, fail, fail, holds, fail, fail], true],
    ['two failures are not enough', [pass, fail, fail], true],
    ['three are', [pass, fail, fail, fail], false],
    ['starting says nothing', [pass, fail, starting, starting, fail], true],
    ['a success starts the count anew', [pass, fail, fail, pass, fail, fail], true],
  ])('%s', (_, samples, healthy) => {
    const end = samples.reduce((health, one) => nextHealth(health, one, usualThresholds), unknownHealth)
    expect(end.healthy).toBe(healthy)
  })

  test.each<[string, Sample[], boolean]>([
    ['two successes are not enough', [pass, pass], false],
    ['three are', [pass, pass, pass], true],
    ['in a row they must be', [pass, pass, fail, pass], false],
    ['starting is no break', [pass, pass, starting, pass], true],
    ['one failure keeps what is healthy', [pass, pass, pass, fail, pass, fail], true],
    ['two end it', [pass, pass, pass, fail, fail], false],
    ['and then three successes are needed again', [pass, pass, pass, fail, fail, pass, pass], false],
  ])('healthy: 3, unhealthy: 2; %s', (_, samples, healthy) => {
    const thresholds = { healthy: 3, unhealthy: 2 }
    const end = samples.reduce((health, one) => nextHealth(health, one, thresholds), unknownHealth)
    expect(end.healthy).toBe(healthy)
  })

  const running: ContainerView = {
    id: 'c',
    service: 'web',
    imageId: 'sha256:1',
    state: 'running',
    health: 'none',
    exitCode: 0,
    runningMs: 10_000,
    oneShot: false,
    restarts: 0,
  }
  const ok = { ok: true, detail: 'healthy' }
  test.each([
    ['runs and answers', [running], ok, 'pass'],
    ['answers badly', [running], { ok: false, detail: 'It answers 500.' }, 'fail'],
    ['no check, just started', [{ ...running, runningMs: 100 }], null, 'starting'],
    ['no check, runs for a while', [running], null, 'pass'],
    ['Docker says starting', [{ ...running, health: 'starting' as const }], ok, 'starting'],
    ['Docker says unhealthy', [{ ...running, health: 'unhealthy' as const }], ok, 'fail'],
    ['crashes', [{ ...running, state: 'restarting' as const }], ok, 'fail'],
    [
      'a one-shot that is done',
      [running, { ...running, state: 'exited' as const, oneShot: true }],
      ok,
      'pass',
    ],
    [
      'nothing but one-shots that are done',
      [{ ...running, state: 'exited' as const, oneShot: true }],
      null,
      'fail',
    ],
    [
      'of which the app says that it serves',
      [{ ...running, state: 'exited' as const, oneShot: true }],
      ok,
      'pass',
    ],
    [
      'a one-shot that failed',
      [{ ...running, state: 'exited' as const, oneShot: true, exitCode: 1 }],
      ok,
      'fail',
    ],
    ['engine silent, app answers badly', null, { ok: false, detail: 'It answers 500.' }, 'fail'],
  ])('%s', (_, containers, url, kind) => {
    expect(sampleOf({ containers, missing: [], url, settleMs: 2_000, silentMs: 0 }).kind).toBe(kind)
  })

  test.each([
    ['app answers', 3_600_000, ok, 'holds'],
    ['nothing to ask, for a while', 119_999, null, 'holds'],
    ['nothing to ask, for long', 120_000, null, 'fail'],
  ])('engine silent, %s', (_, silentMs, url, kind) => {
    expect(sampleOf({ containers: null, missing: [], url, settleMs: 2_000, silentMs }).kind).toBe(kind)
  })

  test('a service without a container is a failed look that names it', () => {
    const look = { containers: [running], missing: ['migrate'], url: ok, settleMs: 2_000, silentMs: 0 }
    expect(sampleOf(look)).toMatchObject({
      kind: 'fail',
      reason: { sentence: 'Service migrate has no container.' },
    })
  })
})
