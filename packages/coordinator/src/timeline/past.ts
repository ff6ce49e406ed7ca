import { formatDuration } from '@switchover/contract/duration'
import type { Deployment } from '@switchover/contract/deployment'
import type { Trace } from '@switchover/contract/trace'
import { count } from '../decide/words.ts'
import { outcomeWords, type Outcome } from '../history/entry.ts'
import type { Timeline } from './model.ts'
import { grouped, runsOf, type Run } from './runs.ts'
import { sectionOf } from './section.ts'

/** What is told of: a deployment as the store has it, ended or open. */
export type Subject = Readonly<{
  deployment: Deployment
  /** Null while it is open. */
  ended: Readonly<{ outcome: Outcome; endedAt: number }> | null
  /** Who holds the lease, and so is at work; null where nobody is. */
  atWork: string | null
  traces: readonly Trace[]
  /** Runs that left a trace before these, unread. */
  older: number
}>

/** A deployment that was, as its record, its journal and what its runs saw tell it. */
export function pastTimeline({ deployment, ended, atWork, traces, older }: Subject): Timeline {
  const { id, service, version, previousVersion, failure, startedAt } = deployment
  const runs = runsOf(deployment.journal, traces)
  return {
    predicted: false,
    service,
    id,
    version,
    previousVersion,
    summary: summaryOf(deployment, ended, atWork),
    failure: failure?.sentence ?? null,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: ended === null ? null : new Date(ended.endedAt).toISOString(),
    sections: grouped(runs, deployment.goal).map((group) => sectionOf(group, deployment, atWork)),
    facts: factsOf(deployment),
    record: withoutJournal(deployment),
    missing: missingOf(runs, atWork, older),
  }
}

const stages = {
  canary: 'serves as a canary',
  parked: 'is deployed; the earlier fleet is parked',
  kept: 'was rolled back; instances of it are kept',
  held: 'is held: a person must decide',
} as const

function summaryOf(
  { version, service, previousVersion, stage }: Deployment,
  ended: Subject['ended'],
  atWork: string | null,
): string {
  const what = `${version} of ${service}${previousVersion === null ? '' : ` from ${previousVersion}`}`
  if (ended !== null) return `${what}: ${outcomeWords[ended.outcome]}.`
  if (stage !== 'running') return `${what} ${stages[stage]}.`
  return `${what} ${atWork === null ? 'was interrupted' : 'is under way'}.`
}

function missingOf(all: readonly Run[], atWork: string | null, older: number): string[] {
  // Of what came before the traces that were read nobody can tell which left one.
  const runs =
    older === 0
      ? all
      : all.slice(
          Math.max(
            0,
            all.findIndex(({ trace }) => trace !== null),
          ),
        )
  const silent = runs.filter(({ trace }) => trace === null)
  const untold = silent.filter(({ lines }) => atWork === null || lines[0]?.owner !== atWork).length
  const told = runs.filter(({ trace }) => trace !== null && trace.rest !== 'now').length
  const sentences =
    older === 0
      ? []
      : [`What ${count(older, 'earlier run')} saw is in the store and left out here: a gap is drawn instead.`]
  if (silent.length === runs.length)
    sentences.push('No run of this deployment left what it saw of instances: only its steps are known.')
  else if (untold > 0)
    sentences.push(
      `${untold} of ${count(untold + told, 'run')} ended without leaving what they saw, as one that is killed does: a gap is drawn for each.`,
    )
  if (silent.length > untold)
    sentences.push(
      'The run that is at work leaves what it sees when it ends: until then its steps are known, and how it is now.',
    )
  return sentences
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
    ['required', count(required, 'healthy instance')],
    ['parked', parked.length === 0 ? null : count(parked.length, 'instance')],
    ['ended', ending.length === 0 ? null : count(ending.length, 'instance')],
    ['readiness', flags.readiness],
    ['on failure', flags.onFailure],
    ['release', flags.release],
    ['scaling', flags.scaling],
    ['time limit', formatDuration(flags.timeoutMs)],
    ['canary', flags.canary === null ? null : count(flags.canary, 'instance')],
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
