import type { Report } from '@switchover/contract/report'
import { formatDuration } from '@switchover/contract/duration'
import { goesForward, type Deployment } from '@switchover/contract/deployment'
import { switches } from '../decide/start.ts'
import type { StepOf } from '../decide/step.ts'
import { count, list, verb } from '../decide/words.ts'
import type { ResultEvent } from '../events.ts'
import { plainText } from '../plain-text.ts'

/** Log lines shown with a failure, over all containers. */
const logLines = 20

type Ending = Readonly<{
  deployment: Deployment
  /** Now, by the store's clock as the marks are, and by this machine's for the event. */
  storeNow: number
  at: number
}>

export function parkedResult({ deployment, storeNow, at }: Ending): ResultEvent {
  const { service, version, new: fresh, old } = deployment
  return {
    event: 'result',
    at,
    text: `${service} runs ${version} on ${fresh.name}; the earlier fleet is parked in ${old.name}${times(deployment, storeNow)}.`,
    outcome: 'done',
    exitCode: 0,
    next: `switchover finish ${service}, or switchover rollback ${service}`,
    details: details(deployment, storeNow),
  }
}

/** A rollback that left instances for a post-mortem; that of a failed deployment is a failure still. */
export function keptResult(
  { deployment, storeNow, at }: Ending,
  { kept }: Extract<StepOf<'settle'>, { stage: 'kept' }>,
  reports: Iterable<Report>,
): ResultEvent {
  const { service, version, new: fresh, failure } = deployment
  const left = `${count(kept.length, 'instance')} of ${version} ${verb(kept.length, 'is', 'are')} kept in Standby in ${fresh.name} (${list(kept)})`
  const outcome = failure === null ? 'rolled-back' : 'failed'
  const took = failure === null ? times(deployment, storeNow) : wayBack(deployment, storeNow)
  const text = `${keptSentence(deployment)}; ${left}${took}.`
  return {
    event: 'result',
    at,
    text: failure === null ? text : withLogs(text, reports),
    outcome,
    exitCode: failure === null ? 0 : 1,
    next: `switchover finish ${service}`,
    details: { ...details(deployment, storeNow), inStandby: kept, failure },
  }
}

/** What is now beside the kept instances, without its full stop. */
function keptSentence(deployment: Deployment): string {
  const { version, first, failure } = deployment
  const now = first ? nowhere(deployment) : `${onOld(deployment)} again`
  return failure === null ? now : `${version} was not deployed: ${causeOf(deployment)} ${now}`
}

function onOld({ service, previousVersion, old }: Deployment): string {
  return `${service} runs ${previousVersion ?? 'what it ran before'} on ${old.name}`
}

function nowhere({ service }: Deployment): string {
  return `${service} runs nowhere, as before`
}

export function canaryResult({ deployment, storeNow, at }: Ending): ResultEvent {
  const { service, version, new: fresh, old, flags } = deployment
  const canaries = flags.canary ?? 0
  return {
    event: 'result',
    at,
    text: `${count(canaries, 'canary', 'canaries')} of ${version} ${verb(canaries, 'serves', 'serve')} on ${fresh.name}, beside the whole of ${old.name} (healthy after ${formatDuration(durations(deployment, storeNow).endedMs)}).`,
    outcome: 'held',
    exitCode: 0,
    next: `switchover promote ${service}, or switchover rollback ${service}`,
    details: { ...details(deployment, storeNow), canary: flags.canary },
  }
}

export function heldResult(
  { deployment, storeNow, at }: Ending,
  step: Extract<StepOf<'settle'>, { stage: 'held' }>,
  reports: Iterable<Report>,
): ResultEvent {
  const { service, goal } = deployment
  const next = goesForward(goal)
    ? `switchover rollback ${service}, or switchover resume ${service}`
    : `switchover resume ${service}`
  return {
    event: 'result',
    at,
    text: withLogs(`${step.failure.sentence} Nothing more is done until you say so.`, reports),
    outcome: 'held',
    exitCode: 4,
    next,
    details: { ...details(deployment, storeNow), failure: step.failure },
  }
}

export function endResult(
  { deployment, storeNow, at }: Ending,
  step: StepOf<'end'>,
  reports: Iterable<Report>,
): ResultEvent {
  const { service, version, failure } = deployment
  const more = { ...details(deployment, storeNow), kept: step.kept }
  if (deployment.goal === 'finish' && step.outcome !== 'finished') {
    const now = deployment.first ? nowhere(deployment) : onOld(deployment)
    const sentence = `The kept instances of ${version} are gone from ${deployment.new.name}; ${now}.`
    return { event: 'result', at, text: sentence, outcome: 'done', exitCode: 0, next: null, details: more }
  }
  const took = step.outcome === 'failed' ? wayBack(deployment, storeNow) : times(deployment, storeNow)
  const text = `${endSentence(deployment, step.outcome)}${took}.`
  if (step.outcome === 'failed') {
    const desired = deployment.first ? ` --desired ${deployment.required}` : ''
    return {
      event: 'result',
      at,
      text: withLogs(text, reports),
      outcome: 'failed',
      exitCode: 1,
      next: `switchover deploy ${service} ${version}${desired}`,
      details: { ...more, failure },
    }
  }
  const outcome = step.outcome === 'rolled-back' ? 'rolled-back' : 'done'
  return { event: 'result', at, text, outcome, exitCode: 0, next: null, details: more }
}

/** What is now, without its full stop. */
function endSentence(deployment: Deployment, outcome: StepOf<'end'>['outcome']): string {
  if (deployment.first) return firstSentence(deployment, outcome)
  const { service, version, old, new: fresh } = deployment
  if (outcome === 'failed') return `${version} was not deployed: ${causeOf(deployment)} ${onOld(deployment)}`
  return outcome === 'rolled-back'
    ? `${onOld(deployment)} again; ${version} is gone from ${fresh.name}`
    : `${service} runs ${version} on ${fresh.name}; the earlier fleet is gone from ${old.name}`
}

function firstSentence(deployment: Deployment, outcome: StepOf<'end'>['outcome']): string {
  const { service, version, new: fresh } = deployment
  if (outcome === 'failed')
    return `${version} was not deployed: ${causeOf(deployment)} Both groups of ${service} are empty, as before`
  return outcome === 'rolled-back'
    ? `${version} is gone from ${fresh.name}; both groups of ${service} are empty again`
    : `${service} runs ${version} on ${fresh.name}, its first; there is nothing to roll back to`
}

function causeOf({ failure }: Deployment): string {
  return failure?.sentence ?? 'the cause was not recorded.'
}

/** A command that found its work done already. */
export function nothingToDo(at: number, text: string): ResultEvent {
  return { event: 'result', at, text, outcome: 'done', exitCode: 0, next: null, details: {} }
}

/** Milliseconds of the present goal until all new traffic went to the wanted version, and until all was over. */
function durations(deployment: Deployment, storeNow: number) {
  const { marks } = deployment
  return {
    switchedMs: marks.switchedAt === null || !switches(deployment) ? null : marks.switchedAt - marks.begunAt,
    endedMs: storeNow - marks.begunAt,
  }
}

function details(deployment: Deployment, storeNow: number): Record<string, unknown> {
  const { id, service, goal, version, previousVersion, digests, bundle, required, predicted } = deployment
  return {
    id,
    service,
    goal,
    version,
    previousVersion,
    digests,
    bundle,
    required,
    predicted,
    ...durations(deployment, storeNow),
  }
}

function times(deployment: Deployment, storeNow: number): string {
  const { switchedMs, endedMs } = durations(deployment, storeNow)
  const ended = `ended after ${formatDuration(endedMs)}`
  return switchedMs === null ? ` (${ended})` : ` (switched after ${formatDuration(switchedMs)}, ${ended})`
}

/** Of a failed deployment, which turned to a rollback when it failed: what switched is not what was asked for. */
function wayBack(deployment: Deployment, storeNow: number): string {
  return ` (going back took ${formatDuration(durations(deployment, storeNow).endedMs)})`
}

function withLogs(text: string, reports: Iterable<Report>): string {
  const lines = [...reports]
    .filter(({ phase, reason }) => phase === 'failed' || reason?.kind === 'terminal')
    .flatMap(({ instanceId, logs }) =>
      logs.flatMap(({ service, lines }) =>
        lines.map((line) => `  ${instanceId} ${service} | ${plainText(line)}`),
      ),
    )
  return [text, ...lines.slice(-logLines)].join('\n')
}
