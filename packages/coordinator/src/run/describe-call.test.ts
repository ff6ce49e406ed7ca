import { expect, test } from 'vitest'
import type { Step } from '../decide/step.ts'
import { callsOf } from './calls.ts'
import { describeCall } from './describe-call.ts'

const digest = `sha256:${'1'.repeat(64)}`
const instances = Array.from({ length: 7 }, (_, n) => `i-${n}`)

const rows: { step: Step; lines: string[] }[] = [
  {
    step: { kind: 'size', group: 'web-green', min: 2, desired: 2, why: '' },
    lines: ['UpdateAutoScalingGroup AutoScalingGroupName=web-green MinSize=2 DesiredCapacity=2'],
  },
  {
    step: {
      kind: 'tag',
      group: 'web-green',
      set: { 'switchover:version': 'v2', 'switchover:digest': digest },
      remove: ['switchover:deployment'],
      why: '',
    },
    lines: [
      `CreateOrUpdateTags Tags=web-green switchover:version=v2 switchover:digest=${digest}`,
      'DeleteTags Tags=web-green switchover:deployment',
    ],
  },
  {
    step: { kind: 'enter-standby', group: 'web-blue', instances, why: '' },
    lines: [
      'EnterStandby AutoScalingGroupName=web-blue InstanceIds=i-0, i-1, i-2, i-3, i-4 and 2 more ShouldDecrementDesiredCapacity=true',
    ],
  },
  { step: { kind: 'mark-switched', why: '' }, lines: [] },
]

test.each(rows)('$step.kind', ({ step, lines }) => {
  expect(callsOf(step).map(describeCall)).toEqual(lines)
})

test('tags are sent 25 a call, and only the service is propagated', () => {
  const digests = Array.from({ length: 30 }, (_, n): [string, string] => [`switchover:digest:${n}`, digest])
  const set = { ...Object.fromEntries(digests), 'switchover:service': 'web' }
  const calls = callsOf({ kind: 'tag', group: 'g', set, remove: [], why: '' })
  const sent = calls.map(
    ({ input }) => (input as { Tags: { Key: string; PropagateAtLaunch: boolean }[] }).Tags,
  )
  expect(sent.map((tags) => tags.length)).toEqual([25, 6])
  const propagated = sent.flat().filter(({ PropagateAtLaunch }) => PropagateAtLaunch)
  expect(propagated.map(({ Key }) => Key)).toEqual(['switchover:service'])
})

test.each(['detach', 'exit-standby'] as const)(
  '%s of more instances than a call takes is sent 19 a call',
  (kind) => {
    const instances = Array.from({ length: 95 }, (_, n) => `i-${n}`)
    const calls = callsOf({ kind, group: 'g', instances, why: '' })
    const sent = calls.map(({ input }) => (input as { InstanceIds: string[] }).InstanceIds)
    expect(sent.map((ids) => ids.length)).toEqual([19, 19, 19, 19, 19])
    expect(sent.flat()).toEqual(instances)
  },
)
