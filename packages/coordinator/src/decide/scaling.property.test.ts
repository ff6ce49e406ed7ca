import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Goal } from '@switchover/contract/deployment'
import { deployed, events, lastOf, live, pace, shapes } from './chaos.fixture.ts'
import type { Turn } from './chaos.fixture.ts'
import { beforeDeploy, run } from './fixture.ts'
import { applyToRecord } from './model.ts'
import { calledBy } from './scaling-definitions.ts'
import { scalings } from './scalings.fixture.ts'
import { turnTo } from './start.ts'
import type { Step } from './step.ts'
import type { GroupScaling, World } from './world.ts'

const turned = (world: World, goal: Goal): World => ({
  ...world,
  deployment: turnTo(world.deployment, goal, world.now),
})

/** Names of all there is: of alarms, those that still call somebody. */
function names({ policies, alarms, actions }: GroupScaling): string[] {
  return [
    ...policies.map(({ name }) => `policy ${name}`),
    ...alarms.filter((alarm) => calledBy(alarm).length > 1).map(({ name }) => `alarm ${name}`),
    ...actions.map(({ name }) => `action ${name}`),
  ]
}

const known = ({ scaling }: World) => new Set(scaling ? [...names(scaling.old), ...names(scaling.new)] : [])

const isStep = (cause: Turn['cause']): cause is Step => 'why' in cause

/** A definition that was there before a step is there after it, unless its time is over. */
function checkTurn({ before, cause, after }: Turn): void {
  if (!isStep(cause) || cause.kind === 'wait') return
  const left = known(after)
  for (const name of known(before)) {
    if (name === 'action launch' && cause.kind === 'delete-actions') continue
    expect(left.has(name), `${name} is lost: ${cause.why}`).toBe(true)
  }
}

/** One-off actions that have run are gone. */
const lasting = (scaling: GroupScaling | undefined) =>
  scaling === undefined
    ? []
    : names(scaling)
        .filter((name) => name !== 'action launch')
        .toSorted()

function checkEnd(start: World, { cause, after }: Turn): void {
  if (!isStep(cause)) throw new Error('The last turn is a step.')
  if (cause.kind === 'settle' && cause.stage !== 'parked') return
  const back = cause.kind === 'end' && cause.outcome !== 'finished'
  const [owner, other] = back ? (['old', 'new'] as const) : (['new', 'old'] as const)
  expect(lasting(after.scaling?.[owner])).toEqual(lasting(start.scaling?.old))
  expect(after.scaling?.[other]).toEqual({ policies: [], alarms: [], actions: [] })
  for (const alarm of after.scaling?.[owner].alarms ?? []) {
    expect(alarm.settings['Dimensions']).toEqual([{ Name: 'AutoScalingGroupName', Value: after[owner].name }])
  }
}

test('whatever the world does: no definition is ever lost, and at the end each is on the serving group, once', () => {
  fc.assert(
    fc.property(
      shapes,
      scalings,
      events,
      events,
      pace,
      fc.constantFrom<Goal>('rollback', 'finish'),
      (shape, scaling, first, second, getOn, goal) => {
        const start = beforeDeploy({ ...shape, scaling })
        const deploy = deployed(start, first, second, getOn)
        deploy.forEach(checkTurn)
        checkEnd(start, lastOf(deploy))
        const { after } = lastOf(deploy)
        if (after.deployment.stage !== 'parked') return
        const next = live(turned(after, goal), second, getOn)
        next.forEach(checkTurn)
        checkEnd(start, lastOf(next))
      },
    ),
    { numRuns: 150 },
  )
})

test('a rollback asked for at any moment of the move brings every definition back', () => {
  fc.assert(
    fc.property(shapes, scalings, fc.nat(300), fc.boolean(), (shape, scaling, moment, killed) => {
      const start = beforeDeploy({ ...shape, scaling, flags: { ...shape.flags, canary: null } })
      const turns = live(start, [], 10)
      const asked = turns[moment % turns.length]
      if (asked === undefined) return
      const { before, cause } = asked
      // A coordinator that died between the journal and the call.
      const from =
        killed && isStep(cause) && before.deployment.goal === 'deploy' ? applyToRecord(before, cause) : before
      if (from.deployment.stage !== 'running') return
      const { world, last } = run(turned(from, 'rollback'))
      expect(last).toMatchObject({ kind: 'end', kept: expect.any(Array) })
      expect(lasting(world.scaling?.old)).toEqual(lasting(start.scaling?.old))
      expect(world.scaling?.new).toEqual({ policies: [], alarms: [], actions: [] })
    }),
    { numRuns: 150 },
  )
})

const acting = ['AlarmNotification', 'ScheduledActions']

test('under swap suspensions are exchanged with the traffic, and exchanged back, whatever the world does', () => {
  fc.assert(
    fc.property(
      shapes,
      fc.subarray([...acting, 'HealthCheck']),
      events,
      events,
      pace,
      fc.constantFrom<Goal>('rollback', 'finish'),
      (shape, idleSuspended, first, second, getOn, goal) => {
        const flags = { ...shape.flags, scaling: 'swap' as const }
        const start = beforeDeploy({ ...shape, flags, idleSuspended })
        const { suspended } = start.old
        const moved = acting.filter((one) => idleSuspended.includes(one) && !suspended.includes(one))
        const swapped = [
          [...suspended, ...moved].toSorted(),
          idleSuspended.filter((one) => !moved.includes(one)).toSorted(),
        ]
        const { after } = lastOf(deployed(start, first, second, getOn))
        const parked = after.deployment.stage === 'parked'
        const { cause, after: end } = parked
          ? lastOf(live(turned(after, goal), second, getOn))
          : { cause: null, after }
        const left = [end.old.suspended.toSorted(), end.new.suspended.toSorted()]
        if (end.deployment.stage === 'held' || end.deployment.stage === 'canary') return
        const finished = end.deployment.goal === 'finish'
        expect(left, cause === null ? 'without more' : goal).toEqual(
          finished ? swapped : [suspended.toSorted(), idleSuspended.toSorted()],
        )
      },
    ),
    { numRuns: 150 },
  )
})
