import type { Side } from './fleet.ts'
import type { KeptValue, Step } from './step.ts'
import type { World } from './world.ts'

type Field = 'min' | 'max' | 'desired'

/** Whether a size is the original or one this deployment wrote; anything else was set by another hand. */
export function isOurs(world: World, side: Side, field: Field): boolean {
  const { before, written } = world.deployment[side]
  const value = world[side][field]
  return value === before[field] || written[field].includes(value)
}

/** The processes we suspended, which were running before, and that nobody resumed since. */
export function ourSuspensions(world: World, side: Side): string[] {
  return world.deployment[side].written.suspended.filter((process) => world[side].suspended.includes(process))
}

/** Resumes what we suspended, nothing else. */
export function resumeOurs(
  world: World,
  side: Side,
  which: (process: string) => boolean = () => true,
): Step | null {
  const processes = ourSuspensions(world, side).filter(which)
  if (processes.length === 0) return null
  const group = world[side].name
  return {
    kind: 'resume',
    group,
    processes,
    why: `${group} gets back the processes suspended for the switch.`,
  }
}

/**
 * Puts min and max back where their present values are ours. A max stays as large as desired needs it, for a lower one
 * would end instances (API reference, UpdateAutoScalingGroup).
 */
export function restoreBounds(world: World, side: Side): Step | null {
  const group = world[side]
  const { before, overruled } = world.deployment[side]
  // An idle group stays at its own sizes: what was set on it while it served was meant for what serves.
  const wanted = (field: 'min' | 'max') => (side === 'old' ? overruled[field] : null) ?? before[field]
  const max = Math.max(wanted('max'), group.desired)
  const min = Math.min(wanted('min'), max)
  const change = {
    ...(group.min !== min && isOurs(world, side, 'min') ? { min } : {}),
    ...(group.max !== max && isOurs(world, side, 'max') ? { max } : {}),
  }
  if (Object.keys(change).length === 0) return null
  return { kind: 'size', group: group.name, ...change, why: `${group.name} gets its recorded sizes back.` }
}

/** Fields that differ from their originals because another hand set them, or because the service has grown. */
export function keptValues(world: World, side: Side, fields: readonly Field[]): KeptValue[] {
  const group = world[side]
  const { before, written } = world.deployment[side]
  const kept: KeptValue[] = []
  for (const field of fields) {
    if (group[field] === before[field]) continue
    kept.push({ group: group.name, field, value: String(group[field]), original: String(before[field]) })
  }
  const others = group.suspended.filter((process) => !written.suspended.includes(process)).toSorted()
  const originals = before.suspended.toSorted()
  if (others.join() !== originals.join()) {
    kept.push({
      group: group.name,
      field: 'suspended',
      value: others.join(', ') || 'none',
      original: originals.join(', ') || 'none',
    })
  }
  return kept
}
