import { formatDuration } from '@switchover/contract/duration'
import type { Deployment } from '@switchover/contract/deployment'
import type { Trace } from '@switchover/contract/trace'
import { outcomeWords, type Outcome } from '../history/entry.ts'
import type { Timeline } from './model.ts'
import { grouped, runsOf } from './runs.ts'
import { sectionOf } from './section.ts'

/** What is told of: a deployment as the store has it, ended or open. */
export type Subject = Readonly<{
  deployment: Deployment
  /** Null while it is open. */
  ended: Readonly<{ outcome: Outcome; endedAt: number }> | null
  traces: readonly Trace[]
}>

/** A deployment that was, as its record, its journal and what its runs saw tell it. */
export function pastTimeline({ deployment, ended, traces }: Subject): Timeline {
  const { id, service, version, previousVersion, failure, startedAt } = deployment
  const runs = runsOf(deployment.journal, traces)
  return {
    predicted: false,
    service,
    id,
    version,
    previousVersion,
    summary: summaryOf(deployment, ended),
    failure: failure?.sentence ?? null,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: ended === null ? null : new Date(ended.endedAt).toISOString(),
    sections: grouped(runs, deployment.goal).map((group) => sectionOf(group, deployment)),
    facts: factsOf(deployment),
    record: withoutJournal(deployment),
    missing: missingOf(runs.filter(({ trace }) => trace === null).length, traces),
  }
}

const stages = {
  running: 'is under way, or was interrupted',
  canary: 'serves as a canary',
  parked: 'is deployed; the earlier fleet is parked',
  kept: 'was rolled back; instances of it are kept',
  held: 'is held: a person must decide',
} as const

function summaryOf(
  { version, service, previousVersion, stage }: Deployment,
  ended: Subject['ended'],
): string {
  const from = previousVersion === null ? '' : ` from ${previousVersion}`
  return ended === null
    ? `${version} of ${service}${from} ${stages[stage]}.`
    : `${version} of ${service}${from}: ${outcomeWords[ended.outcome]}.`
}

function missingOf(untold: number, traces: readonly Trace[]): string[] {
  if (traces.length === 0)
    return ['No run of this deployment left what it saw of instances: only its steps are known.']
  return untold === 0
    ? []
    : [
        `${untold} of ${untold + traces.length} runs ended without leaving what they saw, as one that is killed does: a gap is drawn for each.`,
      ]
}

/** A record in words. */
export function factsOf(deployment: Deployment): Timeline['facts'] {
  const {
    id,
    digests,
    bundle,
    old,
    new: fresh,
    required,
    flags,
    parked,
    ending,
    promotedAt,
    startedAt,
  } = deployment
  const facts: [string, string | null][] = [
    ['deployment', id],
    ...Object.entries(digests).map(([name, digest]): [string, string] => [
      name === '' ? 'digest' : `digest of ${name}`,
      digest,
    ]),
    ['bundle', bundle],
    ['old group', groupFact(old)],
    ['new group', groupFact(fresh)],
    ['required', `${required} healthy instances`],
    ['parked', parked.length === 0 ? null : `${parked.length} instances`],
    ['ended', ending.length === 0 ? null : `${ending.length} instances`],
    ['readiness', flags.readiness],
    ['on failure', flags.onFailure],
    ['release', flags.release],
    ['scaling', flags.scaling],
    ['time limit', formatDuration(flags.timeoutMs)],
    ['canary', flags.canary === null ? null : `${flags.canary} instances`],
    ['promoted', promotedAt === null ? null : `after ${formatDuration(promotedAt - startedAt)}`],
    ['bake', flags.bakeMs === null ? null : formatDuration(flags.bakeMs)],
    ['alarms', flags.alarms.length === 0 ? null : flags.alarms.join(', ')],
  ]
  return facts.flatMap(([name, value]) => (value === null ? [] : [{ name, value }]))
}

function groupFact({ name, before: { min, max, desired } }: Deployment['old']): string {
  return `${name}, before: min ${min}, max ${max}, desired ${desired}`
}

/** The webhook's address is a secret. */
function withoutJournal({ journal: _journal, ...deployment }: Deployment): unknown {
  return { ...deployment, flags: { ...deployment.flags, notify: null } }
}
