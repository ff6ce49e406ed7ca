import { calm } from '../fate.ts'
import type { CommandPlan, FlagsPlan, ServicePlan } from '../plan.ts'
import type { Dice } from './dice.ts'
import { drawFate } from './fate.ts'
import { slowestUpS } from './service.ts'

/** What usually comes after a deployment, and what comes when somebody changes their mind. */
export function drawStory(dice: Dice, service: ServicePlan, fated: boolean): CommandPlan[] {
  const given = (command: CommandPlan['command'], resumed = true): CommandPlan => ({
    command,
    resumed,
    fate: fated ? drawFate(dice, command.kind) : calm,
  })
  const canary = service.live > 1 && !service.first && dice.chance(0.3)
  const first = given(
    { kind: 'deploy', version: 'v2', flags: drawFlags(dice, service, canary) },
    dice.chance(0.7),
  )
  const rollback = () =>
    given({
      kind: 'rollback',
      keep: dice.chance(0.2) ? dice.int(1, 2) : 0,
      floor: dice.chance(0.2) ? dice.of(50, 80) : 100,
    })
  const finish = () => given({ kind: 'finish' })
  const promote = () => given({ kind: 'promote' })
  const again = () => given({ kind: 'deploy', version: 'v3', flags: drawFlags(dice, service, false) })
  const next = canary ? [first, dice.of(promote, rollback)()] : [first]
  return [
    ...next,
    ...dice.of<() => CommandPlan[]>(
      () => [],
      () => [rollback()],
      () => [finish()],
      () => [again()],
      () => [rollback(), again()],
      // The same command once more, as after an interruption.
      () => [given(first.command)],
    )(),
  ]
}

/** With time for what stands still, and brought to its end. */
export function unhurried(one: CommandPlan): CommandPlan {
  const { command } = one
  if (command.kind !== 'deploy') return { ...one, resumed: true }
  return { ...one, resumed: true, command: { ...command, flags: { ...command.flags, timeoutS: 1_200 } } }
}

export function drawFlags(dice: Dice, service: ServicePlan, canary: boolean): FlagsPlan {
  const { live, max } = service
  const readiness = dice.chance(0.85) ? 'agent' : 'load-balancer'
  return {
    canary: canary ? dice.int(1, live - 1) : null,
    bakeS: dice.chance(0.3) ? dice.of(20, 90) : null,
    alarm: dice.chance(0.2),
    finishAfterS: dice.chance(0.15) ? dice.of(10, 60) : null,
    onFailure: dice.chance(0.85) ? 'rollback' : 'hold',
    readiness,
    release: service.launchHook && readiness === 'agent' && dice.chance(0.3) ? 'together' : 'each',
    desired: service.first ? live : dice.chance(0.15) ? dice.int(live, max) : null,
    timeoutS: slowestUpS(service, service.boot) + dice.of(60, 240),
    finishPrevious: true,
    digest: dice.chance(0.85),
  }
}
