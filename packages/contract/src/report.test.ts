import { expect, test } from 'vitest'
import { parseReport, type Report } from './report.ts'

const report: Report = {
  instanceId: 'i-0123456789abcdef0',
  group: 'web-green',
  service: 'web',
  deployment: null,
  phase: 'ready',
  since: '2026-01-02T03:04:05.000Z',
  writtenAt: '2026-01-02T03:04:05.000Z',
  version: 'v42',
  bundle: null,
  images: [],
  reason: null,
  logs: [],
  timings: { pulling: 1_200 },
  agent: '0.1.0',
}

test('a report is read back as it was written, and unknown fields are ignored', () => {
  expect(parseReport(JSON.stringify({ ...report, colour: 'green' }))).toEqual({ ok: true, report })
})

test('the progress of a pull is read back, its total unknown at first', () => {
  const progress = {
    image: 'registry.example/web@sha256:1',
    bytes: 10,
    total: null,
    unpacked: 0,
    bytesPerSecond: 2.5,
    remainingMs: null,
  }
  expect(parseReport(JSON.stringify({ ...report, progress }))).toEqual({
    ok: true,
    report: { ...report, progress },
  })
})

test.each([
  ['{', 'The report is not JSON.'],
  [JSON.stringify({ ...report, instanceId: 'web-1' }), /^instanceId: .+\.$/],
  [JSON.stringify({ ...report, phase: 'asleep' }), /^phase: .+\.$/],
  [JSON.stringify({ ...report, writtenAt: 'now' }), /^writtenAt: .+\.$/],
])('%s is refused in one sentence', (json, problem) => {
  expect(parseReport(json)).toMatchObject({ ok: false, problem: expect.stringMatching(problem) as string })
})
