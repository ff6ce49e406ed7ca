import type { Event } from '@switchover/contract/event'
import type { GroupState } from '../account.ts'
import type { Narrator } from '../narrator.ts'
import type { Sighting } from '../observer.ts'
import type { Stage } from '../prepare.ts'
import type { App, Breaks } from '../scene.ts'
import type { TrafficCount } from '../traffic.ts'

/** One thing that goes wrong, and what must come of it. Each runs on instances of either kind. */
export type Scenario = {
  readonly name: string
  /** What goes wrong, one sentence without a full stop. */
  readonly summary: string
  /** What is about to be broken, and when. */
  readonly breaks: string
  /** Beside what is always expected. */
  readonly expects: readonly Expectation[]
  /** The app of v2, where it is the app that is broken. */
  readonly v2?: App
  /** Instances of the live group that it needs, 1 unless given. */
  readonly leastInstances?: number
  play(drill: Drill): Promise<void>
}

/** Said before the scenario begins, and held against what was seen at its end. */
export type Expectation = {
  readonly text: string
  look(seen: Seen): Verdict
}
export type Verdict = { ok: boolean; seen: string }

/** Everything that is known of a scenario when it is over. Blue served at its beginning, green was empty. */
export type Seen = {
  readonly commands: readonly EndedCommand[]
  readonly before: Pair
  readonly after: Pair
  /** Ids of the targets that are healthy at the end. */
  readonly healthy: readonly string[]
  readonly traffic: TrafficCount
  readonly sightings: readonly Sighting[]
  /** What the shipped IAM policies refused. */
  readonly refused: readonly string[]
  /** Ids of the instances that were struck. */
  readonly struck: readonly string[]
}
export type Pair = { readonly blue: GroupState; readonly green: GroupState }

/** A command of the coordinator, by its first word; null where it was killed before it could say so. */
export type EndedCommand = {
  readonly command: string
  readonly exitCode: number | null
  /** Its last sentence. */
  readonly text: string
  /** Milliseconds, of the command and until all new traffic went where it was wanted. */
  readonly tookMs: number
  readonly switchedMs: number | null
}

/** Something to do once, at the first event that `when` takes. */
export type Strike = {
  readonly when: (event: Event) => boolean
  readonly act: (event: Event) => void | Promise<void>
}

/** What a scenario has at hand while it plays. */
export type Drill = Stage & {
  readonly breaks: Breaks
  /** Longest that a boot of this kind of instance takes, as a duration for `--timeout`. */
  readonly patience: string
  /** Runs one changing command of the coordinator to its end and narrates it; `kill` ends its process on the spot. */
  run(args: readonly string[], options?: { strike?: Strike; kill?: AbortSignal }): Promise<void>
  /** Narrates what is broken now, and keeps which instance was struck, if one was. */
  broke: (text: string, instanceId?: string) => void
  say: Narrator['say']
  /** @throws {Error} where `met` does not come true in five minutes, or in the time of the service this one is to be like. */
  until(what: string, met: () => Promise<boolean>): Promise<void>
}
