import { isDeepStrictEqual } from 'node:util'
import { moments } from '../support/kill.ts'
import { subjectNamed, type Survived, type Undisturbed } from './killed.ts'
import { nameOf, type Kill } from './place.ts'
import type { Answer } from './job.ts'
import type { End } from './scene.ts'

/** What became of one kill. */
export type Verdict = Readonly<{
  command: string
  kill: Kill
  /** Where it really died, `12.3:after DetachInstances`; null where it ended first. */
  where: string | null
  /** Instances that served at the worst moment; null where that is not known. */
  least: number | null
  recoveryMs: number
  /** What is wrong, in a sentence or more; null where nothing is. */
  wrong: string | null
}>

/** Every place of a run, in the order of its calls. */
export function killsOf({ calls }: Undisturbed, only: 'all' | 'changing'): Kill[] {
  return calls
    .filter(({ kind }) => only === 'all' || kind === 'change')
    .flatMap(({ change, other }) => moments.map((moment) => ({ change, other, moment })))
}

export type Planned = Readonly<{ command: string; kill: Kill; reference: Undisturbed }>

/** Changing calls first, then by turns through the commands: where the time is over, every one of them has had its share. */
export function inOrder(all: readonly (readonly Planned[])[]): Planned[] {
  const changing = ({ kill }: Planned) => kill.other === 0
  const byTurns = (wanted: (planned: Planned) => boolean) => {
    const queues = all.map((planned) => planned.filter(wanted))
    const longest = Math.max(0, ...queues.map(({ length }) => length))
    return Array.from({ length: longest }, (_, nth) => queues.flatMap((queue) => queue[nth] ?? [])).flat()
  }
  return [...byTurns(changing), ...byTurns((planned) => !changing(planned))]
}

export function judge(command: string, kill: Kill, answer: Answer, reference: Undisturbed): Verdict {
  if (!('survived' in answer)) {
    const wrong = failureOf(answer) ?? 'It was not killed.'
    return { command, kill, where: nameOf(kill), least: null, recoveryMs: 0, wrong }
  }
  const { killedAt, least, recoveryMs } = answer.survived
  return {
    command,
    kill,
    where: killedAt && `${nameOf(killedAt)} ${killedAt.operation}`,
    least,
    recoveryMs,
    wrong: wrongWith(command, answer.survived, reference.end),
  }
}

export function failureOf(answer: Answer): string | null {
  return 'failed' in answer ? answer.failed : null
}

/** Null where enough served at every moment. */
export function shortOf(command: string, least: number): string | null {
  const { instances } = subjectNamed(command)
  return least < instances ? `${least} instances served at one moment, and ${instances} are required.` : null
}

function wrongWith(command: string, { end, least }: Survived, expected: End): string | null {
  const lines = differences(end, expected)
  const differs = lines.length === 0 ? null : `It ended differently: ${lines.join('; ')}.`
  return shortOf(command, least) ?? differs
}

/** Fields that differ, as `groups.web-blue.min is 0, not 3`. */
function differences(is: unknown, wanted: unknown, path = ''): string[] {
  if (isDeepStrictEqual(is, wanted)) return []
  if (!isRecord(is) || !isRecord(wanted))
    return [`${path} is ${JSON.stringify(is)}, not ${JSON.stringify(wanted)}`]
  const keys = [...new Set([...Object.keys(is), ...Object.keys(wanted)])]
  return keys.flatMap((key) => differences(is[key], wanted[key], path === '' ? key : `${path}.${key}`))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
