import type { Moment } from '../support/kill.ts'
import type { Intercepted } from '../support/live-service.ts'

/**
 * Where a command is, by its calls so far: `other` calls after its changing call number `change`, 0 being that call
 * itself. Counted this way a place means the same in every run, however often a wait looks. Renewals of the lease come by
 * the clock and count among the others.
 */
export type Place = Readonly<{ change: number; other: number }>

/** `moment`: before the call reached AWS, or after it took effect and before its answer. */
export type Kill = Place & Readonly<{ moment: Moment }>

export const start: Place = { change: 0, other: 0 }

export function next({ change, other }: Place, { kind }: Pick<Intercepted, 'kind'>): Place {
  return kind === 'change' ? { change: change + 1, other: 0 } : { change, other: other + 1 }
}

/** Whether `at` is `wanted`, or has missed it: a wait may have taken fewer looks this time. */
export function reached(at: Place, wanted: Place): boolean {
  return at.change > wanted.change || (at.change === wanted.change && at.other >= wanted.other)
}

/** Changes in effect when it dies; with none, nobody can know what was wanted. */
export function inEffect({ change, other, moment }: Kill): number {
  return other === 0 && moment === 'before' ? change - 1 : change
}

/** As `--at` takes it: `12.3:after`. */
export function nameOf({ change, other, moment }: Kill): string {
  return `${change}.${other}:${moment}`
}

/** Null where it is none. */
export function killNamed(text: string): Kill | null {
  const found = /^(\d{1,4})\.(\d{1,4}):(before|after)$/.exec(text)
  if (!found) return null
  const kill = { change: Number(found[1]), other: Number(found[2]), moment: found[3] as Moment }
  return kill.change + kill.other === 0 ? null : kill
}
