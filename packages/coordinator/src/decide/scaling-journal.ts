import type { Deployment } from '@switchover/contract/deployment'
import type { ScalingJournal, ScalingSide } from '@switchover/contract/scaling'
import type { Side } from './fleet.ts'
import type { Rule } from './ladder.ts'
import { definitions } from './scaling-definitions.ts'
import type { Step, StepKind, StepOf } from './step.ts'

type ScalingStep = StepOf<'put-policy' | 'put-alarm' | 'put-actions' | 'delete-policy' | 'delete-actions'>

/** The originals of both groups, before the first of them is moved. */
export const noteScaling: Rule = ({ scaling, deployment }) => {
  if (scaling === null || deployment.scaling !== null) return null
  const { policies, actions } = scaling.old
  if (policies.length + actions.length === 0) return null
  return {
    kind: 'note-scaling',
    old: definitions(scaling.old),
    new: definitions(scaling.new),
    why: `Policies and scheduled actions of ${deployment.old.name} and ${deployment.new.name} are about to move.`,
  }
}

function untouched(before: ScalingSide['before']): ScalingSide {
  return {
    before,
    written: { policies: [], alarms: [], actions: [] },
    removed: { policies: [], actions: [] },
  }
}

export function noted(step: StepOf<'note-scaling'>): ScalingJournal {
  return { old: untouched(step.old), new: untouched(step.new) }
}

/** Adds what is not in the list word for word. */
function added<T>(known: readonly T[], more: readonly T[]): T[] {
  const texts = new Set(known.map((one) => JSON.stringify(one)))
  return [...known, ...more.filter((one) => !texts.has(JSON.stringify(one)))]
}

function touched(side: ScalingSide, step: ScalingStep): ScalingSide {
  const { written, removed } = side
  switch (step.kind) {
    case 'put-policy':
      return { ...side, written: { ...written, policies: added(written.policies, [step.policy]) } }
    case 'put-alarm':
      return { ...side, written: { ...written, alarms: added(written.alarms, [step.alarm]) } }
    case 'put-actions':
      return { ...side, written: { ...written, actions: added(written.actions, step.actions) } }
    case 'delete-policy':
      return { ...side, removed: { ...removed, policies: added(removed.policies, [step.policy]) } }
    case 'delete-actions':
      break
  }
  return { ...side, removed: { ...removed, actions: added(removed.actions, step.actions) } }
}

/** The record with a definition that is about to be put or deleted. */
export function scalingTouched(deployment: Deployment, step: ScalingStep): Deployment {
  const { scaling, old } = deployment
  if (scaling === null) return deployment
  const side: Side = old.name === step.group ? 'old' : 'new'
  return { ...deployment, scaling: { ...scaling, [side]: touched(scaling[side], step) } }
}

const relying: ReadonlySet<StepKind> = new Set([
  'note-scaling',
  'put-policy',
  'put-alarm',
  'put-actions',
  'delete-policy',
  'delete-actions',
  'suspend',
  'resume',
  'settle',
  'end',
])

/** Whether a step takes what was read of scaling for true, or for gone: it is read again before such a step. */
export function reliesOnScaling(step: Step): boolean {
  return relying.has(step.kind) || (step.kind === 'wait' && step.schedule !== undefined)
}
