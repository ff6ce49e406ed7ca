import { formatDuration } from '@switchover/contract/duration'
import type { Phase } from '@switchover/contract/report'
import type { Work } from '../decide/step.ts'
import { progressLine } from '../decide/pull-words.ts'
import type { StatusAnswer } from '../status-answer.ts'

const doing: Record<Phase, string> = {
  booting: 'the agent starts',
  identifying: 'it asks the metadata service who it is',
  resolving: "it reads its group's tags and its compose bundle",
  pulling: 'it brings in images',
  retagging: 'it gives images the names of the compose file',
  starting: 'it starts the containers',
  verifying: 'it waits for the app to be healthy',
  ready: 'its app is up and healthy',
  parked: 'it is in Standby, and its app is up and healthy',
  draining: 'it is ending',
  failed: 'it cannot run what its group wants',
}

const steps: Record<Work['kind'], string> = {
  identify: 'ask the metadata service for the identity document',
  resolve: "read the group's tags",
  'fetch-bundle': 'fetch the compose bundle from the store',
  'pull-pinned': 'pull',
  'pull-sidecar': 'pull',
  'tag-pinned': "give the compose file's name to",
  'tag-sidecar': "give the compose file's name to",
  up: 'docker compose up',
  tidy: 'remove images of earlier versions',
  'stop-services': 'stop the services that are to rest',
  'stop-all': 'docker compose stop',
  release: 'complete the termination hook',
}

/**
 * What the running agent says of its instance, in words: wanted, actual, what blocks, last error, next try.
 * @param now milliseconds since 1970
 */
export function statusWords(answer: StatusAnswer, now: number): string[] {
  const rows: [string, string][] = [
    ['wanted', wanted(answer)],
    ['actual', `${answer.phase} for ${ago(answer.since, now)}: ${doing[answer.phase]}`],
    ...images(answer).map((text): [string, string] => ['image', text]),
    ...(answer.progress ? [['pull', progressLine(answer.progress)] as [string, string]] : []),
    ...notices(answer),
    ['blocks', answer.reason?.sentence ?? (answer.ready ? 'nothing' : 'nothing but time: it is at work')],
    ['last error', lastError(answer, now)],
    ['next', next(answer, now)],
    ['agent', `${answer.agent}; ${timings(answer)}`],
  ]
  const logs = answer.logs.flatMap(({ service, lines }) => [
    `last lines of ${service}:`,
    ...lines.map((line) => `  ${line}`),
  ])
  return [headline(answer), ...rows.map(([name, text]) => `  ${name.padEnd(12)}${text}`), ...logs]
}

function headline({ instanceId, ready, phase }: StatusAnswer): string {
  const who = instanceId ?? 'This machine'
  if (ready) return `${who} is ready: /readyz answers 200.`
  const why = phase === 'draining' ? 'its app drains and is stopped' : 'the load balancer sends it nothing'
  return `${who} is not ready: /readyz answers 503, ${why}.`
}

function wanted({ service, version, bundle, group }: StatusAnswer): string {
  if (service === null) return 'not known yet'
  const of = `as group ${group ?? 'unknown'} says`
  if (version === null) return `${service}, version not known yet, ${of}`
  return `${service} ${version}, bundle ${bundle ?? 'unknown'}, ${of}`
}

function images({ images }: StatusAnswer): string[] {
  if (images.length === 0) return ['none is proven to run yet']
  return images.map(({ service, repository, digest }) => `${service} runs ${repository}@${digest}, proven`)
}

function notices({ interruption, rebalanceRecommended }: StatusAnswer): [string, string][] {
  const rows: [string, string][] = []
  if (interruption)
    rows.push(['notice', `EC2 will ${interruption.action} this machine at ${interruption.at}`])
  if (rebalanceRecommended) rows.push(['notice', `EC2 recommended to replace it at ${rebalanceRecommended}`])
  return rows
}

function lastError({ lastError: error }: StatusAnswer, now: number): string {
  return error === null ? 'none' : `${ago(error.at, now)} ago: ${error.sentence}`
}

function next({ work, phase, ready }: StatusAnswer, now: number): string {
  // A machine that does not know itself goes on asking.
  if (phase === 'failed' && work === null)
    return 'no try: it stays as it is until its agent is restarted or it is terminated'
  if (work === null) return ready ? 'looks at its app again and again' : 'looks again within seconds'
  const verb = steps[work.step as Work['kind']] ?? work.step
  const what = work.image === null ? verb : `${verb} ${work.image}`
  const tries = work.failures === 0 ? '' : `, after ${times(work.failures)}`
  if (work.runs) return `under way for ${ago(work.at, now)}: ${what}${tries}`
  const ms = Date.parse(work.at) - now
  return `${ms <= 0 ? 'now' : `in ${Math.ceil(ms / 1_000)} s`}: ${what}${tries}`
}

function times(failures: number): string {
  return failures === 1 ? 'a failure' : `${failures} failures in a row`
}

function timings({ timings }: StatusAnswer): string {
  return Object.entries(timings)
    .map(([phase, ms]) => `${phase} ${formatDuration(ms)}`)
    .join(', ')
}

/** Clocks may be set back: then it is no time ago. */
function ago(at: string, now: number): string {
  return formatDuration(Math.max(0, now - Date.parse(at)))
}
