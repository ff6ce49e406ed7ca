import { goesForward } from '@switchover/contract/deployment'
import type { Deployment, GroupWritten } from '@switchover/contract/deployment'
import { noted, scalingTouched } from './scaling-journal.ts'
import { newMarks, promoted, turnTo } from './start.ts'
import type { Step, StepKind, StepOf } from './step.ts'

/** Entries kept; the record is one small object that is rewritten at every step. */
const journalLength = 500

/** Steps whose line is all that is left of a moment once its goal is over: `report` tells of them. */
const moments: ReadonlySet<string> = new Set<StepKind>([
  'mark-switched',
  'mark-bake',
  'turn-back',
  'promote',
  'begin-finish',
  'settle',
])

function union<T>(known: readonly T[], more: readonly T[]): T[] {
  return [...new Set([...known, ...more])]
}

function written(deployment: Deployment, group: string, more: Partial<GroupWritten>): Deployment {
  const key = deployment.old.name === group ? 'old' : 'new'
  const side = deployment[key]
  const next: GroupWritten = {
    min: union(side.written.min, more.min ?? []),
    max: union(side.written.max, more.max ?? []),
    desired: union(side.written.desired, more.desired ?? []),
    suspended: union(
      side.written.suspended,
      (more.suspended ?? []).filter((process) => !side.before.suspended.includes(process)),
    ),
    resumed: union(
      side.written.resumed,
      (more.resumed ?? []).filter((process) => side.before.suspended.includes(process)),
    ),
  }
  return { ...deployment, [key]: { ...side, written: next } }
}

/** Another hand's size that ours takes the place of: it is given back in the end. */
function overruled(deployment: Deployment, { group, instead }: StepOf<'size'>): Deployment {
  if (instead === undefined) return deployment
  const key = deployment.old.name === group ? 'old' : 'new'
  const side = deployment[key]
  return { ...deployment, [key]: { ...side, overruled: { ...side.overruled, ...instead } } }
}

const one = (value: number | undefined) => (value === undefined ? [] : [value])

/** What a step changes in the record, besides its line in the journal. Null: the record does not learn of it. */
function recorded(deployment: Deployment, step: Step, at: number): Deployment | null {
  switch (step.kind) {
    case 'wait':
      return null
    case 'size':
      return overruled(
        written(deployment, step.group, {
          min: one(step.min),
          max: one(step.max),
          desired: one(step.desired),
        }),
        step,
      )
    case 'suspend':
      return written(deployment, step.group, { suspended: [...step.processes] })
    case 'resume':
      return written(deployment, step.group, { resumed: [...step.processes] })
    case 'note-scaling':
      return { ...deployment, scaling: noted(step) }
    case 'put-policy':
    case 'put-alarm':
    case 'put-actions':
    case 'delete-policy':
    case 'delete-actions':
      return scalingTouched(deployment, step)
    case 'enter-standby':
      return step.group === deployment.old.name
        ? { ...deployment, parked: union(deployment.parked, step.instances), parkingAt: at }
        : { ...deployment, kept: union(deployment.kept, step.instances) }
    case 'unprotect':
      return { ...deployment, unprotected: union(deployment.unprotected, step.instances) }
    case 'detach':
      return { ...deployment, ending: union(deployment.ending, step.instances) }
    case 'require':
      return { ...deployment, required: Math.max(deployment.required, step.required) }
    case 'mark-switched':
      return { ...deployment, marks: { ...deployment.marks, switchedAt: at } }
    case 'mark-covered':
      return { ...deployment, marks: { ...deployment.marks, coveredAt: step.covered ? at : null } }
    case 'mark-bake':
      return { ...deployment, marks: { ...deployment.marks, bakeAt: at } }
    case 'mark-short':
      return { ...deployment, marks: { ...deployment.marks, shortAt: step.short ? at : null } }
    case 'promote':
      return promoted(deployment, step.live, at)
    case 'begin-finish':
      return turnTo(deployment, 'finish', at)
    case 'turn-back':
      return {
        ...deployment,
        goal: 'rollback',
        failure: step.failure,
        marks: newMarks(at),
        predicted: null,
      }
    case 'settle':
      return settled(deployment, step)
    case 'tag':
    case 'exit-standby':
    case 'complete-hook':
    case 'deregister':
    case 'terminate':
    case 'end':
      break
  }
  return deployment
}

/** A rollback or finish that stops for a person was not turned by a failure: only what goes forward keeps one. */
function settled(deployment: Deployment, step: Extract<Step, { kind: 'settle' }>): Deployment {
  const failure = step.stage === 'held' && goesForward(deployment.goal) ? step.failure : deployment.failure
  return { ...deployment, stage: step.stage, failure }
}

/**
 * The record as it has to be written before the step is done: originals are safe, and every value about to be written
 * is known as ours. The same object where nothing is to be written.
 * @param at milliseconds since the epoch, by the store's clock
 */
export function journalled(deployment: Deployment, step: Step, at: number, owner: string): Deployment {
  const next = recorded(deployment, step, at)
  if (next === null) return deployment
  const line = { at, owner, text: `${step.kind}: ${step.why}` }
  return { ...next, journal: shortened([...next.journal, line]) }
}

/** Without its oldest line that tells no moment, where it has grown too long. */
function shortened(lines: Deployment['journal']): Deployment['journal'] {
  if (lines.length <= journalLength) return lines
  const oldest = lines.findIndex(({ text }) => !moments.has(text.split(':', 1)[0] ?? ''))
  return lines.toSpliced(Math.max(0, oldest), 1)
}
