import { setTimeout as sleep } from 'node:timers/promises'
import { parseStoreUrl, storeKeys } from '@switchover/contract/store'
import { bucket, groupNames, service, store } from '@switchover/rehearsal/account'
import { openAccount, type Account } from '../account.ts'
import { repository } from '../../support/virtual-service.ts'
import { describeGroups } from '../calls.ts'
import { Watch, type Sighting } from '../fleet/watch.ts'
import { until } from '../../support/until.ts'
import { Talking, type Announced } from './process.ts'

export const moments = {
  healthy: 'the last new instance turns healthy',
  unhealthy: 'a new instance turns unhealthy while it is watched',
  'healthy again': 'it turns healthy again',
  alarm: 'an alarm rings',
  returned: 'the last parked instance is healthy again, on the way back',
  'gives up': 'an agent reports that it gives up',
} as const
export type Moment = keyof typeof moments

/** Milliseconds from a moment to the step that answers it, and between the look that led to the step and the one before. */
export type Detection = Readonly<{ moment: Moment; ms: number; paceMs: number }>

const [blue, green] = groupNames
const instances = 2
/** The smallest an ALB takes, seconds. */
const healthIntervalS = 5
/** An instance that is taken out for longer would be replaced by its group. */
const flips = 2
const alarm = 'web-5xx'
const calmMs = 10_000
const limitMs = 2 * 60_000

/** Each round in an account of its own, all at the same time: coordinators do nothing for most of it. */
export async function measureDetection(cli: string, rounds: number): Promise<Detection[]> {
  const found = await Promise.all(Array.from({ length: rounds }, () => measureRound(cli)))
  return found.flat()
}

const deploy = (version: string, ...more: string[]) => [
  'deploy',
  service,
  version,
  '--image',
  repository,
  ...more,
]

async function measureRound(cli: string): Promise<Detection[]> {
  const sick = new Set<string>()
  await using account = await openAccount(instances, {
    boot: {
      launchMs: 1_000,
      bootMs: 1_000,
      pullMs: 500,
      appMs: 1_000 + Math.random() * 1_000,
      versions: { v3: { failsFor: 'The app of v3 ends right after its start.' } },
    },
    healthIntervalS,
    versions: ['v1', 'v2', 'v3'],
    isSick: (ip) => sick.has(ip),
  })
  using watch = new Watch(account.cloud, account.targetGroupArn)
  const round = new Round(account, watch)
  ring(account, 'OK')
  {
    await using run = new Talking(cli, deploy('v2', '--bake', '30m', '--alarm', alarm), account.env)
    await round.answered(run, 'healthy', await round.healthy(green))
    await run.stepAfter(0, 'mark-bake')
    for (let flip = 0; flip < flips; flip += 1) await round.flip(run, sick)
    // After a change looks come fast for a while.
    await sleep(calmMs * (1 + Math.random()))
    const rangAt = performance.now()
    ring(account, 'ALARM')
    await round.answered(run, 'alarm', rangAt, 'turn-back')
    await round.answered(run, 'returned', await round.healthy(blue, rangAt))
    await run.ended()
  }
  ring(account, 'OK')
  const from = performance.now()
  await using run = new Talking(cli, deploy('v3'), account.env)
  await round.answered(run, 'gives up', await round.gaveUp(from), 'turn-back')
  await run.ended()
  return round.found
}

/** One account, what was seen in it, and how long its coordinator took to answer. */
class Round {
  readonly found: Detection[] = []
  readonly #account: Account
  readonly #watch: Watch
  readonly #seen: Sighting[] = []
  readonly #looks: number[] = []

  constructor(account: Account, watch: Watch) {
    this.#account = account
    this.#watch = watch
    account.counter.onCall = (operation) => {
      if (operation === describeGroups) this.#looks.push(performance.now())
    }
  }

  async answered(run: Talking, moment: Moment, at: number, kind?: string): Promise<Announced> {
    const step = await run.stepAfter(at, kind)
    const [last = step.at, before = last] = this.#looks.filter((look) => look <= step.at).toReversed()
    this.found.push({ moment, ms: step.at - at, paceMs: last - before })
    return step
  }

  /** When the last of a group's instances turned healthy after `since`. */
  async healthy(group: string, since = 0): Promise<number> {
    const seen = () => this.#sightings(group, 'health', 'healthy', since)
    await until(
      () => new Set(seen().map(({ instance }) => instance)).size >= instances,
      limitMs,
      `${group} is healthy`,
    )
    return Math.max(...seen().map(({ at }) => at))
  }

  /** When the first agent of the new group gave up: in the same moment it reports and abandons its launch. */
  async gaveUp(since: number): Promise<number> {
    const { objects } = this.#account.cloud
    const { prefix } = parseStoreUrl(store) ?? { prefix: '' }
    const reports = storeKeys(prefix, service).reportsPrefix
    const failed = () =>
      objects
        .list(bucket, reports)
        .map(({ body }) => JSON.parse(Buffer.from(body).toString('utf8')) as { phase: string; since: string })
        .filter(({ phase }) => phase === 'failed')
        .map(({ since: at }) => Date.parse(at) - performance.timeOrigin)
        .filter((at) => at >= since)
    await until(() => failed().length > 0, limitMs, 'an agent gives up')
    return Math.min(...failed())
  }

  /** Takes one serving instance out by its health checks, and lets it come back. */
  async flip(run: Talking, sick: Set<string>): Promise<void> {
    const [id = ''] = this.#account.cloud.autoScaling.groups.get(green)?.members.keys() ?? []
    const ip = this.#account.cloud.ec2.existing(id).ip
    for (const [moment, state] of [
      ['unhealthy', 'unhealthy'],
      ['healthy again', 'healthy'],
    ] as const) {
      const from = performance.now()
      if (state === 'unhealthy') sick.add(ip)
      else sick.delete(ip)
      const seen = () => this.#sightings(green, 'health', state, from).find(({ instance }) => instance === id)
      await until(() => seen() !== undefined, limitMs, `${id} is ${state}`)
      await this.answered(run, moment, seen()?.at ?? from, 'mark-short')
    }
  }

  #sightings(group: string, what: Sighting['what'], state: string, since: number): Sighting[] {
    this.#seen.push(...this.#watch.take())
    return this.#seen.filter(
      (one) => one.group === group && one.what === what && one.state === state && one.at >= since,
    )
  }
}

function ring({ cloud: { cloudWatch } }: Account, state: 'OK' | 'ALARM'): void {
  const known = cloudWatch.alarms.get(alarm)
  const actions = { OK: [], ALARM: [], INSUFFICIENT_DATA: [] }
  const entry = known ?? cloudWatch.put(alarm, { actionsEnabled: false, actions, definition: {} })
  cloudWatch.setState(entry, state, `It was set to ${state}.`, null)
}
