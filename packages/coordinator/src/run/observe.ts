import type { AwsClients } from '../aws/clients.ts'
import { readGroups, readHooks, targetGroupArns, type Hooks } from '../aws/groups.ts'
import type { StoreLocation } from '@switchover/contract/store'
import type { Deployment } from '../decide/deployment.ts'
import type { Group, TargetGroup, World } from '../decide/world.ts'
import { Refusal } from '../events.ts'
import type { StoreClock } from '../record/store-clock.ts'
import { noSetbacks, readSetbacks, type Setbacks } from './activities.ts'
import { readHealth, readTargetGroup, type TargetGroupSettings } from './load-balancer.ts'
import { readMachines } from './machines.ts'
import { ReportReader } from './reports.ts'

/** What changes rarely: read on entering a phase, that is when the goal turns or traffic has switched. */
type Settings = Readonly<{
  phase: string
  hooks: ReadonlyMap<string, Hooks>
  targetGroups: ReadonlyMap<string, TargetGroupSettings>
}>

/** Builds the World of each turn. Keeps nothing but copies that are known to be current. */
export class Observer {
  readonly reports: ReportReader
  readonly #clients: AwsClients
  readonly #clock: StoreClock
  #settings: Settings = { phase: '', hooks: new Map(), targetGroups: new Map() }
  #setback = false

  constructor(clients: AwsClients, store: StoreLocation, clock: StoreClock, service: string) {
    this.#clients = clients
    this.#clock = clock
    this.reports = new ReportReader(clients, store, service)
  }

  /** @throws {Refusal} (4) where the groups are gone or not attached to the same target groups any more. */
  async observe(deployment: Deployment): Promise<World> {
    const names = [deployment.old.name, deployment.new.name] as const
    const phase = `${deployment.goal} ${deployment.marks.switchedAt !== null}`
    const entering = this.#settings.phase !== phase
    const hooks = entering ? await this.#readHooks(names) : this.#settings.hooks
    const [old, fresh] = await readGroups(this.#clients, names, hooks)
    const arns = targetGroupArns(old.raw)
    if (arns.length === 0 || arns.join() !== targetGroupArns(fresh.raw).join()) {
      throw new Refusal(
        4,
        'held',
        `${old.group.name} and ${fresh.group.name} are not attached to the same target groups any more: attach both to the same, then go on.`,
        `switchover resume ${deployment.service}`,
      )
    }
    const settings = await this.#readTargetGroups(arns, entering)
    this.#settings = { phase, hooks, targetGroups: settings }
    const members = [...old.group.instances, ...fresh.group.instances].map(({ id }) => id)
    const known = new Set([...members, ...deployment.ending])
    const [targetGroups, reports, machines, setbacks] = await Promise.all([
      Promise.all(arns.map((arn) => this.#withHealth(arn, settings))),
      this.reports.read(known, deployment.startedAt),
      readMachines(this.#clients, worthAsking([old.group, fresh.group], deployment)),
      this.#readSetbacks(fresh.group, deployment, entering),
    ])
    return Object.freeze({
      now: this.#clock.now(),
      deployment,
      old: old.group,
      new: fresh.group,
      targetGroups,
      reports,
      machines,
      ...setbacks,
    })
  }

  async #readHooks(names: readonly [string, string]): Promise<ReadonlyMap<string, Hooks>> {
    const read = names.map(async (name): Promise<[string, Hooks]> => [
      name,
      await readHooks(this.#clients, name),
    ])
    return new Map(await Promise.all(read))
  }

  async #readTargetGroups(
    arns: readonly string[],
    entering: boolean,
  ): Promise<ReadonlyMap<string, TargetGroupSettings>> {
    const known = entering ? new Map<string, TargetGroupSettings>() : this.#settings.targetGroups
    const read = arns.map(async (arn): Promise<[string, TargetGroupSettings]> => [
      arn,
      known.get(arn) ?? (await readTargetGroup(this.#clients, arn)),
    ])
    return new Map(await Promise.all(read))
  }

  async #withHealth(arn: string, settings: Settings['targetGroups']): Promise<TargetGroup> {
    const known = settings.get(arn)
    if (!known) throw new Error(`The settings of ${arn} were not read.`)
    return { ...known, health: await readHealth(this.#clients, arn) }
  }

  /** Activities are asked for at first, while instances are lacking, and once something is known to have gone wrong. */
  async #readSetbacks(
    group: Group,
    { goal, startedAt, required }: Deployment,
    entering: boolean,
  ): Promise<Setbacks> {
    if (goal !== 'deploy') return noSetbacks
    const serving = group.instances.filter(({ lifecycle }) => lifecycle === 'InService').length
    const lacking = serving < Math.max(required, group.desired)
    if (!entering && !lacking && !this.#setback) return noSetbacks
    const setbacks = await readSetbacks(this.#clients, group.name, startedAt)
    this.#setback = setbacks.launchFailures.length + setbacks.replacements.length > 0
    return setbacks
  }
}

/**
 * Instances whose place in the group says too little: a parked one reads Healthy even when it is dead (aws.md 2.4), and
 * one that was detached is no longer in the group at all.
 */
function worthAsking(groups: readonly Group[], deployment: Deployment): ReadonlySet<string> {
  const parked = groups
    .flatMap(({ instances }) => instances)
    .filter(({ lifecycle }) => ['EnteringStandby', 'Standby', 'Detaching'].includes(lifecycle))
  return new Set([...parked.map(({ id }) => id), ...deployment.ending])
}
