import { expect, test } from 'vitest'
import { shortened } from './activities.ts'

const base = {
  ActivityId: 'a',
  AutoScalingGroupName: 'web',
  Cause: '',
  StartTime: undefined,
  StatusCode: undefined,
}

test.each([
  [
    'the first cause, without its time',
    {
      Description: 'Launching a new EC2 instance: i-1',
      Cause:
        'At 2026-01-01T00:00:00Z a user request explicitly set group desired capacity changing the desired capacity from 0 to 2.  At 2026-01-01T00:00:01Z an instance was started in response to a difference.',
    },
    'Launching a new EC2 instance: i-1; a user request explicitly set group desired capacity changing the desired capacity from 0 to 2',
  ],
  [
    'of a failure, why it failed',
    {
      Description: 'Launching a new EC2 instance.  Status Reason: Quota.',
      Cause: 'At 2026-01-01T00:00:00Z an instance was started.',
      StatusCode: 'Failed' as const,
      StatusMessage: 'You have requested more vCPU capacity than your current limit.',
    },
    'Launching a new EC2 instance; You have requested more vCPU capacity than your current limit',
  ],
  [
    'nothing but a description',
    { Description: 'Terminating EC2 instance: i-1' },
    'Terminating EC2 instance: i-1',
  ],
  ['long words are cut', { Description: 'x'.repeat(400) }, `${'x'.repeat(159)}…`],
])('%s', (_, activity, expected) => {
  expect(shortened({ ...base, ...activity })).toBe(expected)
})
