import type { StepKind, StepOf } from '../decide/step.ts'
import { count, list } from '../decide/words.ts'

const settled = {
  parked: 'Leave the old fleet parked',
  canary: 'Leave the canary beside the live group',
  kept: 'Leave what is kept for a post-mortem',
  held: 'Hold: a person must decide',
} as const

type Words = { [K in StepKind]: (step: StepOf<K>) => string }

const words: Words = {
  wait: ({ waitingFor }) => `Waiting for ${waitingFor}`,
  tag: ({ group, set, remove }) => `Tag ${group}: ${tagWords(set, remove)}`,
  size: (step) => `Size ${step.group}: ${sizeWords(step)}`,
  suspend: ({ group, processes }) => `Suspend ${list(processes)} on ${group}`,
  resume: ({ group, processes }) => `Resume ${list(processes)} on ${group}`,
  'enter-standby': ({ group, instances }) => `Park ${fleet(instances)} of ${group}`,
  'exit-standby': ({ group, instances }) => `Bring ${fleet(instances)} of ${group} back`,
  unprotect: ({ group, instances }) => `Lift the scale-in protection of ${fleet(instances)} of ${group}`,
  deregister: ({ group, from }) =>
    `Take ${fleet([...new Set(from.flatMap(({ instances }) => instances))])} of ${group} out of the load balancer`,
  'complete-hook': ({ hook, instance, result }) => `Complete hook ${hook} of ${instance} with ${result}`,
  detach: ({ group, instances }) => `Detach ${fleet(instances)} from ${group}`,
  terminate: ({ instances }) => `Terminate ${fleet(instances)}`,
  'put-policy': ({ group, policy }) => `Put ${policy.type} policy ${policy.name} on ${group}`,
  'put-alarm': ({ group, alarm }) => `Point alarm ${alarm.name} at ${group}`,
  'put-actions': ({ group, actions }) => `Put ${schedules(actions.map(({ name }) => name))} on ${group}`,
  'delete-policy': ({ group, policy }) => `Delete policy ${policy} from ${group}`,
  'delete-actions': ({ group, actions }) => `Delete ${schedules(actions)} from ${group}`,
  'note-scaling': () => 'Note policies and scheduled actions of both groups',
  require: ({ required }) => `Require ${count(required, 'healthy instance')}`,
  'mark-switched': () => 'Switched',
  'mark-covered': ({ covered }) =>
    covered ? 'Enough new instances are healthy' : 'Not enough new instances are healthy any more',
  'mark-bake': () => 'Watch what was brought up',
  'mark-short': ({ short }) =>
    short
      ? 'Too few of the watched instances are healthy'
      : 'Enough of the watched instances are healthy again',
  'turn-back': () => 'Turn back',
  promote: () => 'Promote the canary',
  'begin-finish': () => 'Finish',
  settle: ({ stage }) => settled[stage],
  end: ({ outcome }) => `Close the deployment: ${outcome}`,
}

/** What a step does, in a few words for a progress line; why is the step's own affair. */
export function describeStep<K extends StepKind>(step: StepOf<K>): string {
  const describe = words[step.kind] as (step: StepOf<K>) => string
  return describe(step)
}

function fleet(ids: readonly string[]): string {
  return `${count(ids.length, 'instance')} (${list(ids)})`
}

function schedules(names: readonly string[]): string {
  return `${count(names.length, 'scheduled action')} (${list(names)})`
}

function short(tag: string): string {
  return tag.replace(/^switchover:/, '')
}

function tagWords(set: Readonly<Record<string, string>>, remove: readonly string[]): string {
  const added = Object.entries(set).map(([key, value]) => `${short(key)}=${value}`)
  return [...added, ...remove.map((key) => `no ${short(key)}`)].join(', ')
}

function sizeWords(size: { min?: number; max?: number; desired?: number }): string {
  const words = (['min', 'max', 'desired'] as const).flatMap((field) =>
    size[field] === undefined ? [] : `${field} ${size[field]}`,
  )
  return words.join(', ')
}
