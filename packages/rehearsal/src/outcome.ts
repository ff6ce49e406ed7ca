import { formatDuration } from '@switchover/contract/duration'
import type { Check } from './checks.ts'
import type { Figures, Measured } from './figures.ts'
import type { RehearsalResult } from './rehearse.ts'
import { formatTable } from './table.ts'

/** What the rehearsal prints at its end: times against floors, requests, and what must hold. */
export function formatOutcome(result: RehearsalResult): string {
  const { traffic, checks } = result
  const versions = Object.keys(traffic.byVersion)
    .toSorted()
    .map((version) => `${version} ${traffic.byVersion[version]}`)
  const broken = checks.filter((check) => !check.ok)
  return [
    formatTable(
      ['step', 'switched', 'floor', 'ratio', 'ended', 'floor', 'ratio', 'the floor is'],
      result.figures.map(row),
    ),
    '',
    `requests: ${traffic.sent} sent, ${traffic.failed} failed, answered by ${versions.join(', ') || 'nobody'}`,
    ...traffic.failures.map((failure) => `  ${failure}`),
    `checks: ${checks.length - broken.length} of ${checks.length} hold`,
    ...broken.map((check) => `  BROKEN: ${check.must}; seen: ${check.seen}`),
  ].join('\n')
}

function row(figures: Figures): string[] {
  const { step, switched, ended, floorIs } = figures
  return [step, ...cells(switched), ...cells(ended), floorIs]
}

function cells(measured: Measured | null): string[] {
  if (measured === null) return ['–', '–', '–']
  const ratio = measured.floorMs > 0 ? (measured.ms / measured.floorMs).toFixed(2) : '–'
  return [formatDuration(measured.ms), formatDuration(measured.floorMs), ratio]
}

/** What a scenario prints at its end: what was expected, and what was seen. */
export function formatScenario(name: string, checks: readonly Check[]): string {
  const broken = checks.filter((check) => !check.ok)
  return [
    `scenario ${name}: ${checks.length - broken.length} of ${checks.length} expectations met`,
    ...checks.flatMap(({ must, ok, seen }) => [
      `  ${ok ? '✓ expected' : '✗ EXPECTED'}  ${must}`,
      `    seen      ${seen}`,
    ]),
  ].join('\n')
}
