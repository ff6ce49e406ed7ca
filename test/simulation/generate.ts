import { seededRandom } from '@switchover/local-aws/seeded-random'
import type {
  CommandPlan,
  Fate,
  Fault,
  FlagsPlan,
  Hand,
  Heir,
  Plan,
  ServicePlan,
  When,
  WorldEvent,
} from './plan.ts'
import { zones } from './scene.ts'

/** Draws from one seed. */
class Dice {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  /** A whole number, both ends included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1))
  }

  chance(probability: number): boolean {
    return this.#random() < probability
  }

  of<T>(...values: readonly [T, ...T[]]): T {
    return values[this.int(0, values.length - 1)] as T
  }

  /** One to `most` of something. */
  several<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.int(1, most) }, make)
  }

  /** Up to `most` of something, fewer being likelier. */
  few<T>(most: number, make: () => T): T[] {
    const made: T[] = []
    while (made.length < most && this.chance(0.5)) made.push(make())
    return made
  }
}

/**
 * What a world is full of. In a deadly one only coordinators die, so that it must end as if they had not; in a contested
 * one they stand still while others go on.
 */
type Kind = 'quiet' | 'deadly' | 'contested' | 'faulty' | 'wild'

const groups = ['web-blue', 'web-green'] as const
const processes = ['AlarmNotification', 'ScheduledActions', 'AZRebalance'] as const

/** The world of a seed: the same for the same seed, and nothing but data. */
export function generatePlan(seed: number): Plan {
  const dice = new Dice(seed)
  const drawn = drawService(dice)
  const service = drawn.first ? { ...drawn, min: 0, suspendedLive: [], suspendedIdle: [] } : drawn
  const kind = dice.of<Kind>('quiet', 'deadly', 'deadly', 'contested', 'faulty', 'wild', 'wild', 'wild')
  const fated = kind !== 'quiet'
  const contested = kind === 'contested'
  const wild = kind === 'wild'
  return {
    seed,
    service: kind === 'deadly' ? { ...service, v2: 'good' } : service,
    story: drawStory(dice, service, fated).map((command) =>
      kind === 'deadly' ? unhurried(command) : contested ? { ...command, fate: stupor(dice) } : command,
    ),
    heirs: fated ? dice.few(2, () => drawHeir(dice)) : [],
    others: contested ? rivals(dice) : wild ? dice.few(3, () => drawOther(dice, service)) : [],
    hands: wild ? dice.several(4, () => drawHand(dice, service)) : [],
    events: wild ? dice.few(2, () => drawEvent(dice)) : [],
    faults: kind === 'faulty' || (wild && dice.chance(0.5)) ? dice.few(8, () => drawFault(dice)) : [],
  }
}

function drawService(dice: Dice): ServicePlan {
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
    suspendedLive: dice.chance(0.15) ? [dice.of(...processes)] : [],
    suspendedIdle:
      scaling === 'twins'
        ? ['AlarmNotification', 'ScheduledActions']
        : dice.chance(0.15)
          ? [dice.of(...processes)]
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
function slowestUpS(
  { sources, healthIntervalS, healthyThreshold }: ReturnType<typeof drawChecks>,
  { bootMs, pullMs, appMs }: ServicePlan['boot'],
): number {
  const registrationS = sources.includes('nlb') ? 180 : 3
  const upS = Math.ceil((bootMs + pullMs + appMs) / 1_000)
  return upS + registrationS + healthIntervalS * (healthyThreshold + 1)
}

function drawFlags(dice: Dice, service: ServicePlan, canary: boolean): FlagsPlan {
  const { live, max } = service
  return {
    canary: canary ? dice.int(1, live - 1) : null,
    bakeS: dice.chance(0.3) ? dice.of(20, 90) : null,
    alarm: dice.chance(0.2),
    finishAfterS: dice.chance(0.15) ? dice.of(10, 60) : null,
    onFailure: dice.chance(0.85) ? 'rollback' : 'hold',
    readiness: dice.chance(0.85) ? 'agent' : 'load-balancer',
    release: 'each',
    desired: service.first ? live : dice.chance(0.15) ? dice.int(live, max) : null,
    timeoutS: slowestUpS(service, service.boot) + dice.of(60, 240),
    finishPrevious: true,
    digest: dice.chance(0.85),
  }
}

/** What usually comes after a deployment, and what comes when somebody changes their mind. */
function drawStory(dice: Dice, service: ServicePlan, fated: boolean): CommandPlan[] {
  const fate = () => (fated ? drawFate(dice) : calm)
  const canary = service.live > 1 && !service.first && dice.chance(0.3)
  const flags = drawFlags(dice, service, canary)
  const release = service.launchHook && flags.readiness === 'agent' && dice.chance(0.3) ? 'together' : 'each'
  const first: CommandPlan = {
    command: { kind: 'deploy', version: 'v2', flags: { ...flags, release } },
    resumed: dice.chance(0.7),
    fate: fate(),
  }
  const rollback = (): CommandPlan => ({
    command: {
      kind: 'rollback',
      keep: dice.chance(0.2) ? dice.int(1, 2) : 0,
      floor: dice.chance(0.2) ? dice.of(50, 80) : 100,
    },
    resumed: true,
    fate: fate(),
  })
  const finish = (): CommandPlan => ({ command: { kind: 'finish' }, resumed: true, fate: fate() })
  const promote = (): CommandPlan => ({ command: { kind: 'promote' }, resumed: true, fate: fate() })
  const again = (): CommandPlan => ({
    command: { kind: 'deploy', version: 'v3', flags: drawFlags(dice, service, false) },
    resumed: true,
    fate: fate(),
  })
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
      () => [{ ...first, resumed: true, fate: fate() }],
    )(),
  ]
}

/** With time for what stands still, and brought to its end. */
function unhurried(one: CommandPlan): CommandPlan {
  const { command } = one
  if (command.kind !== 'deploy') return { ...one, resumed: true }
  return { ...one, resumed: true, command: { ...command, flags: { ...command.flags, timeoutS: 1_200 } } }
}

const calm: Fate = { killed: null, pauses: [], stoppedAfter: null }

function drawFate(dice: Dice): Fate {
  const kind = dice.int(0, 5)
  const call = dice.int(1, dice.of(60, 300))
  if (kind <= 1) return { ...calm, killed: { call, when: dice.of('before', 'after') } }
  if (kind === 2) return { ...calm, pauses: [{ call, ms: dice.of(5_000, 20_000, 45_000, 120_000) }] }
  if (kind === 3) return { ...calm, stoppedAfter: dice.int(0, 240_000) }
  return calm
}

function drawHeir(dice: Dice): Heir {
  return { ...drawFate(dice), takeOver: dice.chance(0.5) }
}

/** By the clock, or between a coordinator's look and what it does about it. */
function drawWhen(dice: Dice): When {
  return dice.chance(0.4) ? { ms: dice.int(1_000, 500_000) } : { call: dice.int(10, 700) }
}

/** Longer than most leases, from right after a call. */
function stupor(dice: Dice): Fate {
  return {
    ...calm,
    pauses: dice.several(3, () => ({ call: dice.int(30, 300), ms: dice.of(12_000, 35_000, 60_000) })),
  }
}

/** Somebody who tries again and again to take over. */
function rivals(dice: Dice): Plan['others'] {
  const command = dice.of<CommandPlan['command']>(
    { kind: 'resume', takeOver: false },
    { kind: 'rollback', keep: 0, floor: 100 },
  )
  const everyMs = dice.int(5_000, 40_000)
  return Array.from({ length: 8 }, (_, index) => ({
    when: { ms: (index + 1) * everyMs },
    command,
    resumed: false,
    fate: dice.chance(0.3) ? stupor(dice) : calm,
  }))
}

function drawOther(dice: Dice, service: ServicePlan): Plan['others'][number] {
  return {
    when: drawWhen(dice),
    command: dice.of<CommandPlan['command']>(
      { kind: 'resume', takeOver: false },
      { kind: 'rollback', keep: 0, floor: 100 },
      { kind: 'finish' },
      { kind: 'promote' },
      { kind: 'doctor', fix: true },
      { kind: 'deploy', version: dice.of('v2', 'v3'), flags: drawFlags(dice, service, false) },
    ),
    resumed: false,
    fate: drawFate(dice),
  }
}

function drawHand(dice: Dice, { live, max }: ServicePlan): Hand {
  const when = drawWhen(dice)
  const group = dice.of(...groups)
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
    () => ({ when, kind: dice.of('suspend', 'resume'), group, process: dice.of(...processes) }),
    () => ({ when: dice.of(when, { call: dice.int(20, 120) }), kind: 'retag', group: 'web-green' }),
    () => ({ when, kind: dice.of('terminate', 'detach', 'standby', 'return', 'protect'), group, pick }),
    () => ({ when, kind: 'ring', alarm: dice.of('busy', 'errors') }),
  )()
}

function drawEvent(dice: Dice): WorldEvent {
  const when = drawWhen(dice)
  const forMs = dice.int(10_000, 300_000)
  return dice.of<() => WorldEvent>(
    () => ({
      when,
      kind: dice.of('dies', 'hangs', 'spot'),
      group: dice.of(...groups),
      pick: dice.int(0, 5),
      parked: dice.chance(0.4),
    }),
    () => ({ when, kind: 'zone-lost', zone: dice.of(...zones), forMs }),
    () => ({ when, kind: 'no-launch', forMs, because: dice.of('capacity', 'quota') }),
  )()
}

function drawFault(dice: Dice): Fault {
  const kind = dice.of<Fault['kind']>(
    'throttle',
    'error',
    'contention',
    'lost-before',
    'lost-after',
    'twice',
    'delay',
    'late',
    'stale',
    's3-conflict',
  )
  // An answer is only stale where the same was asked a moment before.
  const storm = kind === 'stale' || dice.chance(0.2)
  return { call: dice.int(1, 300), times: storm ? dice.int(3, 15) : 1, kind, ms: dice.int(200, 8_000) }
}
