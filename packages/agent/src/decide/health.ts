import type { Reason } from '@switchover/contract/report'
import { retryable } from './reason.ts'
import type { ContainerView } from './observation.ts'

/** What one look at the app found; `holds` is an answer no engine confirms: it keeps an app healthy and makes none so. */
export type Sample =
  | { kind: 'pass' }
  | { kind: 'holds' }
  | { kind: 'starting' }
  | { kind: 'fail'; reason: Reason }

export type Health = {
  healthy: boolean
  /** Good samples in a row, counted until they make healthy. */
  passes: number
  /** Failed samples in a row. */
  failures: number
  reason: Reason | null
}

/** Samples in a row that make healthy, and that end it. */
export type Thresholds = { healthy: number; unhealthy: number }

/** Where the compose file sets no health of its own. */
export const usualThresholds: Thresholds = { healthy: 1, unhealthy: 3 }

export const unknownHealth: Health = { healthy: false, passes: 0, failures: 0, reason: null }

export function nextHealth(health: Health, sample: Sample, { healthy, unhealthy }: Thresholds): Health {
  if (sample.kind === 'starting' || (sample.kind === 'holds' && !health.healthy)) return health
  if (sample.kind !== 'fail') {
    if (health.healthy) return { healthy: true, passes: 0, failures: 0, reason: null }
    const passes = health.passes + 1
    return passes < healthy
      ? { ...health, passes, failures: 0 }
      : { healthy: true, passes: 0, failures: 0, reason: null }
  }
  const failures = health.failures + 1
  return {
    healthy: health.healthy && failures < unhealthy,
    passes: 0,
    failures,
    reason: sample.reason,
  }
}

/** What asking the app's own URL brought: null where the compose file names none. */
export type UrlAnswer = { ok: boolean; detail: string } | null

/** An engine that restarts, or is upgraded, leaves its containers running for longer than it is silent. */
const patienceMs = 120_000

/** One look at the app. */
export type Look = {
  /** Of the counted services; null where the engine does not answer now. */
  containers: readonly ContainerView[] | null
  /** Counted services of pinned images that have no container. */
  missing: readonly string[]
  url: UrlAnswer
  /** How long a container without any check must have run to count, in milliseconds. */
  settleMs: number
  /** How long the engine has not answered, in milliseconds. */
  silentMs: number
}

/**
 * Judges the app by the engine's view of the counted services and by its URL. Where the engine does not answer the URL
 * alone judges whether a healthy app still is, and without one it is believed for two minutes.
 */
export function sampleOf({ containers, missing, url, settleMs, silentMs }: Look): Sample {
  if (containers === null && url === null && silentMs >= patienceMs) {
    return { kind: 'fail', reason: retryable('engine-unreachable', 'The Docker engine does not answer.') }
  }
  if (containers === null && url?.ok !== false) return { kind: 'holds' }
  const [gone] = missing
  if (gone !== undefined)
    return { kind: 'fail', reason: retryable('app-exited', `Service ${gone} has no container.`) }
  const judged = (containers ?? []).map((container) => sampleOfContainer(container, url, settleMs))
  const failed = judged.find((sample) => sample.kind === 'fail')
  if (failed) return failed
  if (url !== null && !url.ok) return { kind: 'fail', reason: retryable('app-unhealthy', url.detail) }
  if (url === null && containers?.every(isCompleted))
    return {
      kind: 'fail',
      reason: retryable('app-exited', 'Every container has ended with exit code 0; none of them serves.'),
    }
  return judged.find((sample) => sample.kind === 'starting') ?? { kind: 'pass' }
}

function sampleOfContainer(container: ContainerView, url: UrlAnswer, settleMs: number): Sample {
  if (isCompleted(container)) return { kind: 'pass' }
  if (container.state !== 'running') {
    const sentence = `The container of service ${container.service} is ${container.state} (exit code ${container.exitCode}).`
    return { kind: 'fail', reason: retryable('app-exited', sentence) }
  }
  if (container.health === 'unhealthy') {
    const sentence = `Docker's health check of service ${container.service} fails.`
    return { kind: 'fail', reason: retryable('app-unhealthy', sentence) }
  }
  if (container.health === 'starting') return { kind: 'starting' }
  const unchecked = container.health === 'none' && url === null
  return unchecked && container.runningMs < settleMs ? { kind: 'starting' } : { kind: 'pass' }
}

/** A one-shot that has done its work. */
export function isCompleted(container: ContainerView): boolean {
  return container.oneShot && container.state === 'exited' && container.exitCode === 0
}
