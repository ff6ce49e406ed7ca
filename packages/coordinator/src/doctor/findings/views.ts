import type { Deployment } from '@switchover/contract/deployment'
import { inService } from '../../decide/fleet.ts'
import { batchSize } from '../../decide/step.ts'
import type { Facts, GroupFacts, PastSides } from './facts.ts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

export function serves({ group }: GroupFacts): boolean {
  return inService(group).length > 0
}

export function deploymentOf({ record }: Facts): Deployment | null {
  return record?.deployment ?? null
}

/** Whether nothing is open: what is found then is left over, whatever it is. */
export function nothingOpen(facts: Facts): boolean {
  return facts.recordRead && deploymentOf(facts) === null
}

/** Whether somebody is, or should be, in the middle of changing things; or nobody can tell. */
export function underWay(facts: Facts): boolean {
  return !facts.recordRead || deploymentOf(facts)?.stage === 'running'
}

/** The one group that serves; null where none or several do. */
export function liveOf({ groups }: Facts): GroupFacts | null {
  const serving = groups.filter(serves)
  return serving.length === 1 ? (serving[0] ?? null) : null
}

/** As many ids as one call of Auto Scaling takes; the next look names the rest. */
export function batch(ids: readonly string[]): string {
  return ids.slice(0, batchSize).join(' ')
}

/** `12.5` */
export function hours(ms: number): string {
  return (ms / hourMs).toFixed(1)
}

export type Side = Readonly<{ side: 'old' | 'new'; past: PastSides }>

/** The last ended deployment, as far as it was about this group. */
export function lastOf({ past }: Facts, group: string): Side | null {
  const [last] = past
  return last ? sideOf(last, group) : null
}

export function sideOf(past: PastSides, group: string): Side | null {
  if (past.old.name === group) return { side: 'old', past }
  return past.new.name === group ? { side: 'new', past } : null
}
