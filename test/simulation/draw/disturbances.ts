import {
  faultKinds,
  groupNames,
  scalingProcesses,
  zones,
  type Fault,
  type Hand,
  type ServicePlan,
  type WorldEvent,
} from '../plan.ts'
import type { Dice } from './dice.ts'
import { callsOfAWorld, drawWhen } from './when.ts'

export function drawHand(dice: Dice, { live, max }: ServicePlan): Hand {
  const when = drawWhen(dice)
  const group = dice.of(...groupNames)
  const pick = dice.int(0, 5)
  return dice.of<() => Hand>(
    () => ({ when, kind: 'scale', group, by: dice.of(1, 1, 2, -1) }),
    () => ({ when, kind: 'size', group: 'web-blue', min: 1, max, desired: dice.int(1, Math.max(1, live)) }),
    () => ({
      when,
      kind: 'schedule',
      group,
      inMs: dice.int(20_000, 200_000),
      min: dice.int(0, live),
      desired: dice.int(1, max),
    }),
    () => ({ when, kind: dice.of('put-policy', 'delete-policy'), group }),
    () => ({ when, kind: dice.of('suspend', 'resume'), group, process: dice.of(...scalingProcesses) }),
    () => ({ when: dice.of(when, { call: dice.int(20, 120) }), kind: 'retag', group: 'web-green' }),
    () => ({ when, kind: dice.of('terminate', 'detach', 'standby', 'return', 'protect'), group, pick }),
    () => ({ when, kind: 'ring', alarm: dice.of('busy', 'errors') }),
  )()
}

export function drawEvent(dice: Dice): WorldEvent {
  const when = drawWhen(dice)
  const forMs = dice.int(10_000, 300_000)
  return dice.of<() => WorldEvent>(
    () => ({
      when,
      kind: dice.of('dies', 'hangs', 'spot'),
      group: dice.of(...groupNames),
      pick: dice.int(0, 5),
      parked: dice.chance(0.4),
    }),
    () => ({ when, kind: 'zone-lost', zone: dice.of(...zones), forMs }),
    () => ({ when, kind: 'no-launch', forMs, because: dice.of('capacity', 'quota') }),
  )()
}

export function drawFault(dice: Dice): Fault {
  const kind = dice.of(...faultKinds)
  // An answer is only stale where the same was asked a moment before.
  const storm = kind === 'stale' || dice.chance(0.2)
  return {
    call: dice.int(1, callsOfAWorld),
    times: storm ? dice.int(3, 15) : 1,
    kind,
    ms: dice.int(200, 8_000),
  }
}
