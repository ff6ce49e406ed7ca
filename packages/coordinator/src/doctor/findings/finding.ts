import type { Step } from '../../decide/step.ts'
import type { Facts } from './facts.ts'

export const severities = ['danger', 'warning', 'note'] as const
/** danger: the service, or the way back, is at risk now · warning: a person should see to it · note: good to know. */
export type Severity = (typeof severities)[number]

/** One leftover. */
export type Finding = Readonly<{
  /** Stable word for programs. */
  code: string
  severity: Severity
  /** What was found, in one sentence. */
  what: string
  /** What it costs, or what may come of it. */
  risk: string
  /** The command, or the few, that mend it. */
  mend: string
  /** How `--fix` does it; null where that is a person's affair. */
  fix: Fix | null
}>

/** `give-back`: the lease is taken and given back, which is what every mending ends with. */
export type Fix = Readonly<{ kind: 'steps'; steps: readonly Step[] } | { kind: 'give-back' }>

export type Check = (facts: Facts) => readonly Finding[]
