import { formatDuration } from '@switchover/contract/duration'
import { groupNames, type GroupState } from '../account.ts'
import type { EndedCommand, Expectation, Seen, Verdict } from './scenario.ts'

const [blue, green] = groupNames

const noRequestFails: Expectation = {
  text: 'Not one request fails.',
  look: ({ traffic }) => ({
    ok: traffic.sent > 0 && traffic.failed === 0 && traffic.answered === traffic.sent,
    seen: `${traffic.sent} sent, ${traffic.failed} failed${traffic.failures.length > 0 ? `: ${traffic.failures[0]}` : ''}`,
  }),
}

const nothingForbidden: Expectation = {
  text: 'The shipped IAM policies allow every call.',
  look: ({ refused }) => ({ ok: refused.length === 0, seen: refused.join('; ') || 'none was refused' }),
}

/** Whatever goes wrong. */
export const always: readonly Expectation[] = [noRequestFails, nothingForbidden]

/** The command, named by its first word, ends with `exitCode`; `says` is part of its last sentence. */
export function ends(command: string, exitCode: number, says?: RegExp): Omit<Expectation, 'text'> {
  return {
    look: (seen) =>
      withCommand(seen, command, (ended) => ({
        ok: ended.exitCode === exitCode && (says?.test(ended.text) ?? true),
        seen: `exit code ${ended.exitCode ?? 'none'} after ${formatDuration(ended.tookMs)}: ${ended.text}`,
      })),
  }
}

/** Ends within `ms`, without waiting for its time limit. */
export function endsWithin(command: string, ms: number): Expectation {
  return {
    text: `${capital(command)} ends in less than ${formatDuration(ms)}; its time limit is half an hour.`,
    look: (seen) =>
      withCommand(seen, command, ({ tookMs }) => ({ ok: tookMs < ms, seen: formatDuration(tookMs) })),
  }
}

/** The live group is as if the deployment had never been. */
export const liveUntouched: Expectation = {
  text: `${blue} keeps its instances, sizes and processes.`,
  look: ({ before, after }) => ({
    ok: fingerprint(before.blue) === fingerprint(after.blue),
    seen: fingerprint(after.blue),
  }),
}

export const idleEmptyAgain: Expectation = {
  text: `${green} is empty again, at min 0 and desired 0, with no process suspended.`,
  look: ({ after: { green: idle } }) => ({
    ok: count(idle) === 0 && idle.min === 0 && idle.desired === 0 && idle.suspended.length === 0,
    seen: fingerprint(idle),
  }),
}

/** Green serves with as many as blue had, and blue waits in Standby. */
export const greenServesBlueParked: Expectation = {
  text: `${green} serves with at least as many instances as ${blue} had, and all that ${blue} has is parked.`,
  look: ({ before, after, healthy }) => {
    const serving = inState(after.green, 'InService').filter((id) => healthy.includes(id))
    const parked = inState(after.blue, 'Standby')
    return {
      ok: serving.length >= count(before.blue) && parked.length > 0 && parked.length === count(after.blue),
      seen: `${serving.length} of ${count(before.blue)} in service and healthy; ${parked.length} of ${count(after.blue)} parked`,
    }
  },
}

export function withCommand(
  { commands }: Seen,
  command: string,
  look: (ended: EndedCommand) => Verdict,
): Verdict {
  const ended = commands.find((one) => one.command === command)
  return ended ? look(ended) : { ok: false, seen: `${command} did not run` }
}

export function inState({ instances }: GroupState, lifecycle: string): string[] {
  return Object.keys(instances).filter((id) => instances[id] === lifecycle)
}

export function count({ instances }: GroupState): number {
  return Object.keys(instances).length
}

function fingerprint({ min, max, desired, suspended, instances }: GroupState): string {
  const members = Object.entries(instances)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([id, lifecycle]) => `${id} ${lifecycle}`)
  return [
    `min ${min}, max ${max}, desired ${desired}`,
    members.join(', ') || 'no instance',
    suspended.length > 0 ? `${suspended.join(', ')} suspended` : 'nothing suspended',
  ].join('; ')
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
