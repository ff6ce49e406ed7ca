import type { AwsClients } from '../aws/clients.ts'
import { readAlarms } from '../aws/alarms.ts'
import { refusalOf } from '../aws/errors.ts'
import { attachedTo, sameSources, type Attached } from '../aws/attached.ts'
import { noHooks, readGroups, readHooks, type Hooks } from '../aws/groups.ts'
import type { StoreLocation } from '@switchover/contract/store'
import { goesForward, type Deployment } from '@switchover/contract/deployment'
import type { Group, TrafficSource, World } from '../decide/world.ts'
import { Refusal } from '../events.ts'
import type { StoreClock } from '../record/store-clock.ts'
import { noSetbacks, readSetbacks, type Setbacks } from './activities.ts'
import { MachineReader, machinesToAsk } from './machines.ts'
import { ReportReader, restraintFor } from './reports.ts'
import { readScaling } from './scaling.ts'
import { readHealth, readSettings, type SourceSettings } from './traffic-sources.ts'

/** What changes rarely: read on entering a phase, that is when the goal turns or traffic has switched. */
type Settings = Readonly<{
  phase: string
  hooks: ReadonlyMap<string, Hooks>
  trafficSources: ReadonlyMap<string, SourceSettings>
}>

/** Builds the World of each turn. Keeps nothing but copies that are known to be current. */
export class Observer {
  readonly reports: ReportReader
  readonly #clients: AwsClients
  readonly #clock: StoreClock
  #settings: Settings = { phase: '', hooks: new Map(), trafficSources: new Map() }
  /** As last read, and in which phase: kept though another call of that look failed. */
  #scaling: Readonly<{ phase: string; found: World['scaling'] }> = { phase: '', found: null }
  readonly #machines: MachineReader
  /** Of the new group, at the last look. */
  #present: ReadonlySet<string> = new Set()
  #setbacks: Setbacks = noSetbacks
  readonly #launchedAt = new Map<string, number>()

  constructor(clients: AwsClients, store: StoreLocation, clock: StoreClock, service: string) {
    this.#clients = clients
    this.#clock = clock
    this.#machines = new MachineReader(clients)
    this.reports = new ReportReader(clients, store, service)
  }

  /** @throws {Refusal} (4) where the groups are gone or not attached to the same load balancers any more. */
  async observe(deployment: Deployment): Promise<World> {
    const names = [deployment.old.name, deployment.new.name] as const
    const phase = `${deployment.goal} ${deployment.marks.switchedAt !== null}`
    const entering = this.#settings.phase !== phase
    const [hooks, scaling, [old, fresh]] = await Promise.all([
      entering ? this.#readHooks(names) : this.#settings.hooks,
      this.#scaling.phase === phase ? this.#scaling.found : this.#readScaling(deployment, phase),
      readGroups(this.#clients, names),
    ])
    const sources = attachedTo(old.raw)
    if (sources.length === 0 || !sameSources(sources, attachedTo(fresh.raw))) {
      throw new Refusal(
        4,
        'held',
        `${old.group.name} and ${fresh.group.name} are not attached to the same target groups and classic load balancers any more: attach both to the same, then go on.`,
        `switchover resume ${deployment.service}`,
      )
    }
    const members = [...old.group.instances, ...fresh.group.instances].map(({ id }) => id)
    const known = new Set([...members, ...deployment.ending])
    const [trafficSources, reports, machines, alarms, found] = await Promise.all([
      Promise.all(sources.map((source) => this.#readTrafficSource(source, entering))),
      this.reports.read(
        known,
        deployment.startedAt,
        restraintFor(old.group, fresh.group, deployment, this.#clock.now()),
      ),
      this.#machines.read(machinesToAsk([old.group, fresh.group], deployment), this.#clock.now()),
      this.#readAlarms(deployment),
      this.#readSetbacks(fresh.group, deployment, entering),
    ])
    const { launchedAt, ...setbacks } = found
    for (const [id, at] of launchedAt) this.#launchedAt.set(id, at)
    const settings = new Map(trafficSources.map((one) => [one.id, one]))
    this.#settings = { phase, hooks, trafficSources: settings }
    return Object.freeze({
      now: this.#clock.now(),
      deployment,
      old: { ...old.group, hooks: hooks.get(names[0]) ?? noHooks },
      new: { ...fresh.group, hooks: hooks.get(names[1]) ?? noHooks },
      trafficSources,
      reports,
      machines,
      alarms,
      scaling,
      ...setbacks,
    })
  }

  /** When the launch of each instance began that was looked for so far, milliseconds since the epoch. */
  get launchedAt(): ReadonlyMap<string, number> {
    return this.#launchedAt
  }

  /** The same world with policies, alarms and scheduled actions as they are now. */
  async withScaling(world: World): Promise<World> {
    const scaling = await this.#readScaling(world.deployment, this.#settings.phase)
    return Object.freeze({ ...world, now: this.#clock.now(), scaling })
  }

  async #readScaling(deployment: Deployment, phase: string): Promise<World['scaling']> {
    if (deployment.flags.scaling !== 'move') return null
    const [before, after] = await Promise.all([
      readScaling(this.#clients, deployment.old.name),
      readScaling(this.#clients, deployment.new.name),
    ])
    const found = { old: before, new: after }
    this.#scaling = { phase, found }
    return found
  }

  async #readHooks(names: readonly [string, string]): Promise<ReadonlyMap<string, Hooks>> {
    const read = names.map(async (name): Promise<[string, Hooks]> => [
      name,
      await readHooks(this.#clients, name),
    ])
    return new Map(await Promise.all(read))
  }

  async #readTrafficSource(source: Attached, entering: boolean): Promise<TrafficSource> {
    const known = entering ? undefined : this.#settings.trafficSources.get(source.id)
    const [settings, health] = await Promise.all([
      known ?? readSettings(this.#clients, source),
      readHealth(this.#clients, source),
    ])
    return { ...settings, health }
  }

  /** Read while a deployment goes forward. CloudWatch out of reach is no answer, and stops nothing by itself. */
  async #readAlarms({ goal, flags }: Deployment): Promise<World['alarms']> {
    if (flags.alarms.length === 0 || !goesForward(goal)) return new Map()
    try {
      return await readAlarms(this.#clients, flags.alarms)
    } catch (error) {
      if (refusalOf(error, 'reading alarms') === null) throw error
      return new Map()
    }
  }

  /** Activities are asked for at first, and wherever instances are lacking or have left since the last look. */
  async #readSetbacks(
    group: Group,
    { goal, startedAt, required, flags }: Deployment,
    entering: boolean,
  ): Promise<Setbacks> {
    if (!goesForward(goal)) return noSetbacks
    const wanted = goal === 'canary' ? (flags.canary ?? 0) : required
    const present = group.instances.filter(
      ({ lifecycle }) => lifecycle === 'InService' || lifecycle.startsWith('Pending'),
    )
    const now = new Set(present.map(({ id }) => id))
    const lacking = now.size < Math.max(wanted, group.desired)
    const left = [...this.#present].some((id) => !now.has(id))
    if (entering || lacking || left) {
      this.#setbacks = await readSetbacks(this.#clients, group.name, startedAt)
    }
    this.#present = now
    return this.#setbacks
  }
}
