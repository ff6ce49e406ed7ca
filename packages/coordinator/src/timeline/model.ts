import type { Side } from '../decide/fleet.ts'

/**
 * What an instance does, as a bar shows it, in the order of its life. launch: until EC2 runs it · boot: until its agent's
 * first moment · agent: until it knows what to run · pull · compose: until the app answers · start: these three, where they
 * are not told apart · health: until every load balancer sends it requests · service · unhealthy: in service, and not sent requests any more · draining · standby ·
 * returning: out of Standby until it serves again · failed: its agent gave up · ending · unseen: no coordinator looked.
 */
export const barKinds = [
  'launch',
  'boot',
  'agent',
  'pull',
  'compose',
  'start',
  'health',
  'service',
  'unhealthy',
  'draining',
  'standby',
  'returning',
  'failed',
  'ending',
  'unseen',
] as const
export type BarKind = (typeof barKinds)[number]

/** What passes before an instance serves for the first time, in order. */
export const comeUpKinds = ['launch', 'boot', 'agent', 'pull', 'compose', 'health'] as const

/** All times in milliseconds from the beginning of the section, unless said otherwise. */
export type Bar = Readonly<{ kind: BarKind; from: number; to: number }>

export type Row = Readonly<{
  id: string
  zone: string | null
  bars: readonly Bar[]
  /** When every load balancer sent it requests for the first time; null where none did, or it served before. */
  servedAt: number | null
  /** What it lacked, or why its agent gave up; null where nothing is to be said. */
  note: string | null
  /** Last lines of a container that failed. */
  logs: readonly string[]
  /** Compressed bytes its agent pulled; null where no report told. */
  pulledBytes: number | null
}>

export type Lane = Readonly<{ side: Side; group: string; rows: readonly Row[] }>

/** Instances that take requests from `at` on, null while nobody looked; and how many the service needs, where that is known. */
export type Capacity = Readonly<{
  at: number
  old: number | null
  new: number | null
  required: number | null
}>

export type Mark = Readonly<{ at: number; text: string; switched: boolean }>

/** Something done or seen, for the list. */
export type Entry = Readonly<{
  at: number
  kind: 'step' | 'progress' | 'warning'
  /** The kind of a step, `enter-standby`; else a word for what it is. */
  what: string
  text: string
}>

export type Calls = Readonly<{
  bucketMs: number
  /** Calls by bucket, the first beginning with the section. */
  buckets: readonly number[]
  operations: readonly Readonly<{ name: string; count: number; changes: boolean }>[]
}>

/** A stretch of time and what it went into. */
export type Part = Readonly<{ what: string; from: number; to: number }>

export type Hint = Readonly<{
  text: string
  /** Milliseconds that would be saved; null where it is about certainty, not time. */
  savesMs: number | null
}>

/** What one command, or several that carried on one another's work, made of a deployment: one axis of time. */
export type Section = Readonly<{
  /** `deploy`, `rollback`, `finish`, … */
  name: string
  /** Milliseconds since the epoch; of a prediction the moment it was made. */
  startsAt: number
  lengthMs: number
  /** How it came to rest, in a few words. */
  rest: string
  /** What had been foretold of it when it began, null where nothing was, or it is a prediction itself. */
  foretold: Readonly<{ switchedMs: number | null; endedMs: number }> | null
  lanes: readonly Lane[]
  /** Instances that are in no lane, because there were too many. */
  left: number
  capacity: readonly Capacity[]
  /** When nobody looked, and why. */
  gaps: readonly Readonly<{ from: number; to: number }>[]
  marks: readonly Mark[]
  entries: readonly Entry[]
  /** Null where no run kept count. */
  calls: Calls | null
  parts: readonly Part[]
  hints: readonly Hint[]
}>

export type Timeline = Readonly<{
  predicted: boolean
  service: string
  id: string
  version: string
  previousVersion: string | null
  /** One sentence: how it ended, or how it stands. */
  summary: string
  failure: string | null
  /** ISO 8601. */
  startedAt: string
  endedAt: string | null
  sections: readonly Section[]
  /** The record in words: name and value, in the order they are told. */
  facts: readonly Readonly<{ name: string; value: string }>[]
  /** The record as it is kept, without its journal; null for a prediction. */
  record: unknown
  /** What could not be shown, one sentence each. */
  missing: readonly string[]
}>
