import type { Cancel } from '../clock.ts'
import type { Cloud } from '../cloud.ts'
import type { Instance } from '../ec2/instance.ts'
import { Timers } from '../timers.ts'
import { awsTiming, varied, type Timing } from '../timing.ts'
import { AwsError } from '../wire/operation.ts'
import { causeTime, endActivity, startActivity, type Activity } from './activities.ts'
import { capacityChange, counted, isCounted, isWarm, targetState, type Group, type Member } from './group.ts'
import { followAttachments, mark, markUnhealthy } from './health.ts'
import { Moves } from './moves.ts'
import { alarmRan } from './policy-runs.ts'
import { decideTurn, ec2Cause } from './turn.ts'

/** Auto Scaling groups and what they do by themselves. */
export class AutoScaling {
  readonly #cloud: Cloud
  readonly #timing: Timing
  readonly #timers: Timers
  readonly #turns = new Map<Group, { at: number; cancel: Cancel }>()
  /** Where an instance that left its group was last heading. */
  readonly #lastTarget = new Map<string, string>()
  #listening = false
  readonly groups = new Map<string, Group>()
  readonly moves: Moves

  /** Other models are looked up in `cloud` only when needed: it may still be incomplete here. */
  constructor(cloud: Cloud, timing: Partial<Timing> = {}) {
    this.#cloud = cloud
    this.#timing = { ...awsTiming, ...timing }
    this.#timers = new Timers(cloud.clock)
    this.moves = new Moves(cloud, this.#timing, this.#timers, (group, member) => this.#left(group, member))
  }

  /** @throws {AwsError} ValidationError where there is no such group. */
  group(name: string): Group {
    const group = this.groups.get(name)
    if (group) return group
    throw new AwsError(
      'ValidationError',
      `AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`,
    )
  }

  /** As `group`, for calls that change it. @throws {AwsError} ValidationError also while it is being deleted. */
  changeable(name: string): Group {
    const group = this.group(name)
    if (group.deleting) throw new AwsError('ValidationError', `AutoScalingGroup '${name}' is pending delete`)
    return group
  }

  /** The group an instance belongs to now. */
  find(instanceId: string): { group: Group; member: Member } | null {
    for (const group of this.groups.values()) {
      const member = group.members.get(instanceId)
      if (member) return { group, member }
    }
    return null
  }

  /** What IMDS says at autoscaling/target-lifecycle-state, null where it never was in a group or that is too new. */
  targetLifecycleState(instanceId: string): string | null {
    const found = this.find(instanceId)
    if (!found) return this.#lastTarget.get(instanceId) ?? null
    const { target, since, before } = found.member.heading
    return this.#cloud.clock.now() < since + this.#timing.metadataLagMs ? before : target
  }

  add(group: Group): void {
    if (!this.#listening) {
      this.#cloud.ec2.onState((instance) => this.#instanceChanged(instance))
      this.#cloud.cloudWatch.onAction((arn, alarm) => alarmRan(this.#cloud, arn, alarm))
    }
    this.#listening = true
    this.groups.set(group.name, group)
    this.wake(group)
  }

  /** Sets the desired capacity; `request` is what the causes of what follows begin with. */
  setDesired(group: Group, desired: number, request: string): void {
    const change = `changing the desired capacity from ${group.desired} to ${desired}`
    this.setDesiredBecause(group, desired, `${request} ${change}.`)
  }

  /** As `setDesired`, with a whole sentence. */
  setDesiredBecause(group: Group, desired: number, sentence: string): void {
    if (desired !== group.desired) {
      group.request = `At ${causeTime(this.#cloud.clock.now())} ${sentence}  `
      group.desired = desired
    }
    group.launchAfter = 0
    this.wake(group)
  }

  /**
   * Launches an instance into the warm pool, to be kept running there until the group grows. A door for those who want to
   * see one: PutWarmPool is not offered, and nothing keeps the pool at a size.
   * @returns its id, or null where EC2 refuses it
   */
  launchWarm(name: string): string | null {
    const group = this.changeable(name)
    const cause = `At ${causeTime(this.#cloud.clock.now())} an instance was started in response to a request for the warm pool.`
    const place = this.#placeIn(group, group.zones[0] ?? '')
    return this.moves.launch(group, place, cause, 'Warmed:Pending')?.id ?? null
  }

  #placeIn(group: Group, zone: string) {
    const subnetId = group.subnets[group.zones.indexOf(zone)] ?? group.subnets[0] ?? `subnet-${zone}`
    return { availabilityZone: zone, subnetId }
  }

  /** Runs `task` later, unless the account is closed before. */
  after(delayMs: number, task: () => void): Cancel {
    return this.#timers.after(delayMs, task)
  }

  /** Has the group look at itself soon. */
  wake(group: Group): void {
    this.#turnIn(group, varied(this.#timing.reactMs, this.#cloud.random))
  }

  #turnIn(group: Group, delayMs: number): void {
    const at = this.#cloud.clock.now() + delayMs
    const planned = this.#turns.get(group)
    if (planned && planned.at <= at) return
    planned?.cancel()
    const cancel = this.#timers.after(delayMs, () => {
      this.#turns.delete(group)
      if (this.groups.get(group.name) === group) this.#turn(group)
    })
    this.#turns.set(group, { at, cancel })
  }

  #turn(group: Group): void {
    const { clock, random } = this.#cloud
    followAttachments(this.#cloud, group)
    markUnhealthy(this.#cloud, group)
    const turn = decideTurn(group, clock.now(), random)
    const scaleIn = turn.terminate.filter(({ because }) => because === 'scale-in').map(({ id }) => id)
    const causeOfScaleIn = this.#causeOfScaleIn(group, scaleIn)
    for (const { id, because } of turn.terminate) {
      const member = group.members.get(id)
      if (!member) continue
      const reason = because === 'delete' ? 'a user request' : (member.unhealthyCause ?? 'a health check')
      const cause = because === 'scale-in' ? causeOfScaleIn : this.moves.outOfService(reason)
      this.moves.terminate(group, member, cause)
    }
    for (const zone of turn.launch) if (!this.#launch(group, zone, turn.rebalance)) break
    if (turn.allProtected) this.#noteProtection(group)
    if (turn.terminate.length + turn.launch.length === 0 && counted(group).length === group.desired)
      group.request = null
    const pending = counted(group).some((member) => member.lifecycle !== 'InService')
    if (!pending && !turn.rebalance && counted(group).length <= group.desired) group.rebalancing = false
    if (group.deleting && group.members.size === 0) this.groups.delete(group.name)
    else this.#turnIn(group, varied(this.#timing.healthCheckMs, random))
  }

  #causeOfScaleIn(group: Group, victims: readonly string[]): string {
    const now = causeTime(this.#cloud.clock.now())
    const selected = victims.map((id) => `  At ${now} instance ${id} was selected for termination.`)
    const change = capacityChange(group, -victims.length)
    return `${group.request ?? ''}At ${now} an instance was taken out of service in response to a difference between desired and actual capacity${change}.${selected.join('')}`
  }

  /** False where the launch failed: the rest of the turn's launches would fail alike. */
  #launch(group: Group, zone: string, rebalance: boolean): boolean {
    const now = causeTime(this.#cloud.clock.now())
    const cause = rebalance
      ? `At ${now} availability zones had different numbers of instances.  An instance was launched in ${zone} to aid in balancing the group's zones.`
      : `${group.request ?? ''}At ${now} an instance was started in response to a difference between desired and actual capacity${capacityChange(group, 1)}.`
    const warm = [...group.members.values()].find(({ lifecycle }) => lifecycle === 'Warmed:Running')
    if (warm) {
      this.moves.callIn(group, warm, cause)
      return true
    }
    const member = this.moves.launch(group, this.#placeIn(group, zone), cause)
    if (member && rebalance) group.rebalancing = true
    return member !== null
  }

  #noteProtection(group: Group): void {
    if (group.protectedNoteFor === group.desired) return
    group.protectedNoteFor = group.desired
    const { clock, random } = this.#cloud
    const what = {
      description:
        'Could not scale to desired capacity because all remaining instances are protected from scale-in',
      cause: `${group.request ?? ''}At ${causeTime(clock.now())} all remaining instances were protected from scale-in.`,
      status: 'InProgress' as const,
      progress: 0,
    }
    const place = { id: null, subnetId: group.subnets[0] ?? '', availabilityZone: group.zones[0] ?? '' }
    const activity = startActivity(group, place, what, { now: clock.now(), random })
    endActivity(activity, clock.now(), 'Cancelled')
  }

  /** EC2 tells of an instance: what the group ends on its own counts as well as what others do to it. */
  #instanceChanged(instance: Instance): void {
    if (instance.state === 'terminated') {
      this.#cloud.loadBalancing.instanceTerminated(instance.id)
      this.#lastTarget.delete(instance.id)
    }
    const found = this.find(instance.id)
    if (!found) return
    const { group, member } = found
    if (instance.state === 'running') this.moves.running(group, member)
    else if (instance.state === 'terminated' && isWarm(member.lifecycle)) this.#left(group, member)
    else if (instance.state === 'terminated') this.moves.ended(group, member)
    if (instance.state === 'running' || !isCounted(member)) return
    if (member.activity && member.lifecycle !== 'InService')
      this.moves.failedLaunch(group, member, instance.stateReason?.message ?? instance.state)
    else if (!group.suspended.has('HealthCheck')) mark(member, ec2Cause)
    this.wake(group)
  }

  #left(group: Group, member: Member): void {
    // Of a machine that is gone nobody asks its metadata service.
    if (this.#cloud.ec2.stateOf(member.id) !== 'terminated')
      this.#lastTarget.set(member.id, targetState(member.lifecycle))
    group.members.delete(member.id)
    this.wake(group)
  }

  /** Activities of all groups, or of one. */
  activities(name: string | null): { group: Group; activity: Activity }[] {
    const groups = name === null ? [...this.groups.values()] : [this.group(name)]
    return groups.flatMap((group) => group.activities.map((activity) => ({ group, activity })))
  }

  close(): void {
    this.#timers.close()
  }
}
