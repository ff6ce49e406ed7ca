import { scalingProcesses, type ServicePlan } from '../plan.ts'
import type { Dice } from './dice.ts'

/** The service `web` before anything is done to it. */
export function drawService(dice: Dice): ServicePlan {
  const live = dice.chance(0.01) ? dice.int(18, 24) : dice.of(1, 2, 2, 3, 3, 4, 6)
  const scaling = dice.of<ServicePlan['scaling']>('none', 'move', 'move', 'twins')
  const max = live + dice.int(0, 4)
  const checks = drawChecks(dice)
  const boot = {
    launchMs: dice.int(3_000, 20_000),
    bootMs: dice.int(5_000, 40_000),
    pullMs: dice.int(1_000, 30_000),
    appMs: dice.int(1_000, 20_000),
    drainMs: dice.int(0, 20_000),
  }
  return {
    live,
    first: dice.chance(0.12),
    bundle: dice.chance(0.3),
    min: dice.int(0, live),
    max,
    idleMax: dice.of(0, live, max, max + 2),
    ...checks,
    graceS: dice.of(0, 30, 120) + slowestUpS(checks, boot),
    drainS: dice.of(1, 5, 30, 120),
    slowStartS: dice.of(0, 0, 0, 30),
    healthCheckType: dice.of('ELB', 'EC2'),
    scaling,
    launchHook: dice.chance(0.5),
    terminationHook: dice.chance(0.3),
    protectedFromScaleIn: dice.chance(0.2),
    suspendedLive: dice.chance(0.15) ? [dice.of(...scalingProcesses)] : [],
    suspendedIdle:
      scaling === 'twins'
        ? ['AlarmNotification', 'ScheduledActions']
        : dice.chance(0.15)
          ? [dice.of(...scalingProcesses)]
          : [],
    pollMs: dice.of(5_000, 10_000, 10_000),
    leaseMs: dice.of(30_000, 30_000, 10_000),
    skewMs: dice.of(0, 0, 0, -300_000, 45_000, 7_200_000),
    timing: {
      reactMs: dice.of(1_000, 5_000, 15_000),
      tagLagMs: dice.of(0, 5_000, 60_000),
      exitStandbyMs: dice.of(1_000, 5_000),
      stateMs: dice.of(200, 1_000, 3_000),
    },
    boot,
    v2: dice.chance(0.8) ? 'good' : dice.of('fails', 'never-healthy', 'dies'),
  }
}

function drawChecks(dice: Dice) {
  return {
    sources: dice.of<ServicePlan['sources']>(
      ['alb'],
      ['alb'],
      ['alb', 'admin'],
      ['nlb'],
      ['classic'],
      ['alb', 'classic'],
    ),
    healthIntervalS: dice.of(5, 10, 30),
    healthyThreshold: dice.int(2, 5),
    unhealthyThreshold: dice.int(2, 3),
  }
}

/** A grace that ends before an instance can be healthy has its group replace instances for ever. */
export function slowestUpS(
  { sources, healthIntervalS, healthyThreshold }: ReturnType<typeof drawChecks>,
  { bootMs, pullMs, appMs }: ServicePlan['boot'],
): number {
  const registrationS = sources.includes('nlb') ? 180 : 3
  const upS = Math.ceil((bootMs + pullMs + appMs) / 1_000)
  return upS + registrationS + healthIntervalS * (healthyThreshold + 1)
}
