import type { Phase, Reason } from '@switchover/contract/report'
import type { PinnedPlan, SidecarPlan, VerifiedImage } from './observation.ts'

export type Step =
  | { kind: 'identify' }
  | { kind: 'resolve' }
  | { kind: 'fetch-bundle' }
  | { kind: 'pull-pinned'; image: PinnedPlan }
  | { kind: 'pull-sidecar'; image: SidecarPlan }
  | { kind: 'tag-pinned'; image: PinnedPlan }
  | { kind: 'tag-sidecar'; image: SidecarPlan }
  /** Start these services, all where none is named. */
  | { kind: 'up'; services: readonly string[] }
  /** Remove images and bundles nobody needs any more. */
  | { kind: 'tidy' }
  | { kind: 'stop-services'; services: readonly string[] }
  | { kind: 'fail'; reason: Reason }
  | { kind: 'stop-all' }
  | { kind: 'release' }
  /** Look again after `ms`. */
  | { kind: 'rest'; ms: number }

/** Steps that do something. */
export type Work = Exclude<Step, { kind: 'rest' | 'fail' }>

export type Decision = {
  phase: Phase
  ready: boolean
  step: Step
  reason: Reason | null
  /** Images proven to run: container = pinned tag = `repo@digest`. */
  images: readonly VerifiedImage[]
  /** Whether the warm pool may put the instance away. */
  pooled?: boolean
}

/** What failures in a row are counted by. */
export function stepKey(step: Step): string {
  return 'image' in step ? `${step.kind} ${step.image.source}` : step.kind
}
