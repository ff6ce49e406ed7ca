import type { Section } from './model.ts'

/** `short`: fewer than were required then. `at`: milliseconds from the beginning of the section. */
type Least = Readonly<{ healthy: number; required: number | null; at: number; short: boolean }>

/** The fewest that served, where that was too few before all others; null where nobody looked. */
export function leastOf({ capacity }: Pick<Section, 'capacity'>): Least | null {
  const known = capacity.flatMap(({ at, old, new: fresh, required }) =>
    old === null || fresh === null
      ? []
      : [{ at, healthy: old + fresh, required, short: required !== null && old + fresh < required }],
  )
  const ordered = known.toSorted((a, b) => Number(b.short) - Number(a.short) || a.healthy - b.healthy)
  return ordered[0] ?? null
}
