import type { Reason } from '@switchover/contract/report'
import { unknownHealth, type Health } from './decide/health.ts'
import type { Ending, Interruption, Parking } from './decide/lifecycle.ts'
import type { EngineView, Identity, Plan, VerifiedImage, Wanted } from './decide/observation.ts'
import type { Cloud } from './parts.ts'
import type { SavedState } from './state.ts'

/** What the agent knows between two turns of its loop. */
export type Knowledge = {
  saved: SavedState | null
  identity: Identity | null
  cloud: Cloud | null
  wanted: Wanted | null
  plan: Plan | null
  engine: EngineView | null
  /** Since when it answers no question, null while it does. */
  engineSilentSince: number | null
  recorded: readonly VerifiedImage[]
  health: Health
  sampledAt: number
  parking: Parking
  /** Whether the instance is in its group's warm pool, or goes there. */
  warm: boolean
  ending: Ending | null
  interruption: Interruption | null
  everReady: boolean
  /** Whether older images were removed since the agent started. */
  tidied: boolean
  /** Id of the image a pinned repository's name meant before it was given to another, by repository. */
  replaced: Map<string, string>
  /** References this agent pulled, in its earlier lives too. */
  pulled: Set<string>
  /** Compressed bytes of images whose pull found no room, by source, as far as they were shown. */
  crowded: Map<string, number>
  terminal: Reason | null
}

export function freshKnowledge(saved: SavedState | null): Knowledge {
  return {
    saved,
    identity: null,
    cloud: null,
    wanted: null,
    plan: null,
    engine: null,
    engineSilentSince: null,
    recorded: [],
    health: unknownHealth,
    sampledAt: 0,
    parking: { since: null },
    warm: false,
    ending: null,
    interruption: null,
    everReady: false,
    tidied: false,
    replaced: new Map(),
    pulled: new Set(),
    crowded: new Map(),
    terminal: null,
  }
}

/** Takes over what was saved on this machine; another instance's state (an image made of a used machine) is not. */
export function adopt(
  knowledge: Knowledge,
  identity: Identity,
  bootId: string,
  moment: (wallMs: number) => number,
): void {
  knowledge.identity = identity
  const { saved } = knowledge
  const own = saved?.identity.instanceId === identity.instanceId ? saved : null
  knowledge.pulled = new Set(own?.pulled)
  if (own === null || knowledge.warm || (own.pooling && own.bootId !== bootId)) {
    knowledge.saved = null
    return
  }
  if (own.pooling) Object.assign(knowledge, { warm: true, saved: null } satisfies Partial<Knowledge>)
  knowledge.parking = { since: own.parkedSince === null ? null : moment(own.parkedSince) }
  if (own.verified === null) return
  knowledge.wanted = own.verified.wanted
  knowledge.recorded = own.verified.images
  knowledge.everReady = own.verified.bootId === bootId
}

/** A new life of the machine: of what it was to run, and of what was proven of it, nothing counts any more. */
export function beginAnew(knowledge: Knowledge): void {
  Object.assign(knowledge, {
    saved: null,
    wanted: null,
    plan: null,
    engine: null,
    recorded: [],
    health: unknownHealth,
    everReady: false,
    tidied: false,
    terminal: null,
    ending: knowledge.ending?.kind === 'pooled' ? null : knowledge.ending,
  } satisfies Partial<Knowledge>)
}
