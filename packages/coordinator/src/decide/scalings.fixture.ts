import * as fc from 'fast-check'
import type { ScheduledActionDefinition } from '@switchover/contract/scaling'
import { arnOf, busy, cpu, launch, night, out } from './scaling.fixture.ts'
import type { GroupScaling, Policy } from './world.ts'

const more: Policy = {
  name: 'forecast',
  type: 'PredictiveScaling',
  settings: { PredictiveScalingConfiguration: { Mode: 'ForecastAndScale' } },
  arn: arnOf('web-blue', 'forecast'),
}

const schedule = (action: ScheduledActionDefinition): fc.Arbitrary<ScheduledActionDefinition> =>
  fc
    .record({ inMs: fc.integer({ min: 1_000, max: 90_000 }), later: fc.boolean() })
    .map(({ inMs, later }) => (later ? action : { ...action, startsAt: 1_000_000 + inMs }))

const many = fc
  .integer({ min: 0, max: 60 })
  .map((count) =>
    Array.from({ length: count }, (_, n) => ({ ...night, name: `n${n}`, desired: null, min: 0 })),
  )

/** What live owns; scheduled actions run amid the deployment, or long after it. */
export const scalings: fc.Arbitrary<GroupScaling> = fc
  .record({
    policies: fc.subarray([cpu, out, more]),
    night: fc.option(schedule({ ...night, min: null, desired: 4 }), { nil: null }),
    launch: fc.option(schedule({ ...launch, min: null, desired: 4 }), { nil: null }),
    many,
  })
  .map(({ policies, night: one, launch: other, many }) => ({
    policies,
    alarms: policies.includes(out) ? [busy] : [],
    actions: [...(one ? [one] : []), ...(other ? [other] : []), ...many],
  }))
