import type { Cloud } from '../cloud.ts'
import type { Timers } from '../timers.ts'
import { varied, type Timing } from '../timing.ts'
import { AwsError } from '../wire/operation.ts'
import { LifecycleActions, type WaitsEnd } from './actions.ts'
import { causeTime, endActivity, startActivity, type Activity } from './activities.ts'
import { isWarm, launchTags, targetState, type Group, type Lifecycle, type Member } from './group.ts'

/** Takes instances of a group from state to state, each step after the time AWS needs for it. */
export class Moves {
  readonly #cloud: Cloud
  readonly #timing: Timing
  readonly #timers: Timers
  readonly #left: (group: Group, member: Member) => void
  readonly actions: LifecycleActions

  /** @param left called when an instance is no longer in its group */
  constructor(cloud: Cloud, timing: Timing, timers: Timers, left: (group: Group, member: Member) => void) {
    this.#cloud = cloud
    this.#timing = timing
    this.#timers = timers
    this.#left = left
    this.actions = new LifecycleActions(cloud, timers)
  }

  #now(): number {
    return this.#cloud.clock.now()
  }

  #go(member: Member, lifecycle: Lifecycle): void {
    member.lifecycle = lifecycle
    const target = targetState(lifecycle)
    const before = member.heading.target
    if (target !== before) member.heading = { target, since: this.#now(), before }
  }

  /** Runs `task` after `ms` ± 50 %, if the instance is then still in the same state of the same group. */
  #after(group: Group, member: Member, ms: number, task: () => void): void {
    const { lifecycle } = member
    this.#timers.after(varied(ms, this.#cloud.random), () => {
      if (group.members.get(member.id) === member && member.lifecycle === lifecycle) task()
    })
  }

  /** Null where EC2 refuses it: the activity says why, and the group waits before it tries again. */
  launch(
    group: Group,
    place: Readonly<{ availabilityZone: string; subnetId: string }>,
    cause: string,
    lifecycle: Lifecycle = 'Pending',
  ): Member | null {
    const what = { cause, status: 'PreInService' as const, progress: 30 }
    try {
      const { ec2 } = this.#cloud
      const version = ec2.templates.version(
        ec2.templates.find({ id: group.template.id }),
        group.template.version,
      )
      const { id, instanceType } = ec2.run({ ...place, version, tags: launchTags(group) })
      const description = `Launching a new EC2 instance: ${id}`
      const activity = startActivity(group, { id, ...place }, { ...what, description }, this.#world())
      const member: Member = {
        id,
        ...place,
        instanceType,
        template: { id: group.template.id, name: group.template.name, version: version.number },
        lifecycle,
        heading: { target: targetState(lifecycle), since: this.#now(), before: null },
        healthy: true,
        unhealthyCause: null,
        protected: group.protectNew,
        graceUntil: Infinity,
        waits: new Map(),
        activity,
      }
      group.members.set(id, member)
      return member
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      const description = 'Launching a new EC2 instance'
      const activity = startActivity(group, { id: null, ...place }, { ...what, description }, this.#world())
      const why = error.message.replace(/\.$/, '')
      endActivity(activity, this.#now(), 'Failed', `${why}. Launching EC2 instance failed.`)
      group.launchAfter = this.#now() + this.#timing.launchRetryMs
      return null
    }
  }

  #world() {
    return { now: this.#now(), random: this.#cloud.random }
  }

  /** EC2 says it runs: hooks first, then traffic (UG ec2-auto-scaling-lifecycle). */
  running(group: Group, member: Member): void {
    const waits = this.actions.begin(group, member, 'autoscaling:EC2_INSTANCE_LAUNCHING', (end) =>
      this.#launchHooksEnded(group, member, end),
    )
    if (!waits) return this.#after(group, member, this.#timing.stateMs, () => this.#arrive(group, member))
    this.#go(member, isWarm(member.lifecycle) ? 'Warmed:Pending:Wait' : 'Pending:Wait')
    if (member.activity) member.activity.status = 'MidLifecycleAction'
  }

  #launchHooksEnded(group: Group, member: Member, end: WaitsEnd): void {
    if (end.result === 'CONTINUE') {
      this.#go(member, isWarm(member.lifecycle) ? 'Warmed:Pending:Proceed' : 'Pending:Proceed')
      this.#after(group, member, this.#timing.stateMs, () => this.#arrive(group, member))
      return
    }
    endActivity(member.activity, this.#now(), 'Cancelled', end.why)
    this.terminate(group, member, this.outOfService('a launch failure'))
  }

  /** Cause of an instance ended for `reason`. */
  outOfService(reason: string): string {
    return `At ${causeTime(this.#now())} an instance was taken out of service in response to ${reason}.`
  }

  #arrive(group: Group, member: Member): void {
    if (!isWarm(member.lifecycle)) return this.#serve(group, member)
    this.#go(member, 'Warmed:Running')
    this.#finish(member)
  }

  /** Takes an instance out of the warm pool into the group: the launch hooks run once more (UG warm-pool-instance-lifecycle). */
  callIn(group: Group, member: Member, cause: string): void {
    const description = `Launching a new EC2 instance from warm pool: ${member.id}`
    const what = { description, cause, status: 'PreInService' as const, progress: 30 }
    member.activity = startActivity(group, member, what, this.#world())
    this.#go(member, 'Pending')
    this.#after(group, member, this.#timing.stateMs, () => this.running(group, member))
  }

  /** InService begins with registration and does not wait for the load balancer's health checks. */
  #serve(group: Group, member: Member): void {
    this.#go(member, 'InService')
    member.graceUntil = this.#now() + group.graceS * 1_000
    if (!group.suspended.has('AddToLoadBalancer')) {
      for (const [id, attachment] of group.trafficSources)
        if (attachment !== 'Removing') this.register(id, member)
    }
    endActivity(member.activity, this.#now())
    member.activity = null
  }

  /** Registers an instance where EC2 still runs it; what cannot be registered is for the health check to find. */
  register(sourceId: string, member: Member): void {
    const pool = this.#cloud.loadBalancing.pool(sourceId)
    if (pool && this.#cloud.ec2.stateOf(member.id) === 'running')
      this.#cloud.loadBalancing.register(pool, member.id)
  }

  /** @returns milliseconds until the instance is out of the traffic source. */
  deregister(sourceId: string, member: Member): number {
    const pool = this.#cloud.loadBalancing.pool(sourceId)
    return pool ? this.#cloud.loadBalancing.deregister(pool, member.id) : 0
  }

  /** Takes the instance out of every traffic source, then goes on when the longest drain has ended. */
  #drain(group: Group, member: Member, then: () => void): void {
    const delays = [...group.trafficSources.keys()].map((id) => this.deregister(id, member))
    const { lifecycle } = member
    const delay = Math.max(0, ...delays) + varied(this.#timing.stateMs, this.#cloud.random)
    this.#timers.after(delay, () => {
      if (group.members.get(member.id) === member && member.lifecycle === lifecycle) then()
    })
  }

  /** One activity for a user's request, with the capacity it leaves behind. */
  #requested(group: Group, member: Member, what: RequestedMove, change: string): Activity {
    const now = this.#now()
    const activity = startActivity(
      group,
      member,
      {
        description: `${what.description}: ${member.id}`,
        cause: `At ${causeTime(now)} instance ${member.id} was ${what.verb} in response to a user request${change}.`,
        status: what.status,
        progress: what.progress,
      },
      this.#world(),
    )
    member.activity = activity
    return activity
  }

  enterStandby(group: Group, member: Member, change: string): Activity {
    const activity = this.#requested(group, member, toStandby, change)
    this.#go(member, 'EnteringStandby')
    this.#drain(group, member, () => {
      this.#go(member, 'Standby')
      this.#finish(member)
    })
    return activity
  }

  exitStandby(group: Group, member: Member, change: string): Activity {
    const activity = this.#requested(group, member, outOfStandby, change)
    this.#go(member, 'Pending')
    this.#after(group, member, this.#timing.exitStandbyMs, () => this.#serve(group, member))
    return activity
  }

  detach(group: Group, member: Member, change: string): Activity {
    const activity = this.#requested(group, member, detaching, change)
    this.#go(member, 'Detaching')
    member.protected = false
    this.#drain(group, member, () => {
      this.#finish(member)
      const known = this.#cloud.ec2.instance(member.id)
      if (known) this.#cloud.ec2.tag([member.id], { 'aws:autoscaling:groupName': null })
      this.#left(group, member)
    })
    return activity
  }

  #finish(member: Member): void {
    endActivity(member.activity, this.#now())
    member.activity = null
  }

  /** Drain, then termination hooks, then EC2. */
  terminate(group: Group, member: Member, cause: string): Activity {
    endActivity(member.activity, this.#now(), 'Cancelled')
    this.actions.drop(member)
    const description = `Terminating EC2 instance: ${member.id}`
    const activity = startActivity(
      group,
      member,
      { description, cause, status: 'InProgress', progress: 0 },
      this.#world(),
    )
    member.activity = activity
    this.#go(member, 'Terminating')
    // Force delete runs no hooks (UG lifecycle-hooks).
    if (group.deleting) this.#end(group, member)
    else {
      activity.status = 'WaitingForELBConnectionDraining'
      this.#drain(group, member, () => this.#terminationHooks(group, member))
    }
    return activity
  }

  #terminationHooks(group: Group, member: Member): void {
    const waits = this.actions.begin(group, member, 'autoscaling:EC2_INSTANCE_TERMINATING', () => {
      this.#go(member, 'Terminating:Proceed')
      this.#after(group, member, this.#timing.stateMs, () => this.#end(group, member))
    })
    if (!waits) return this.#end(group, member)
    this.#go(member, 'Terminating:Wait')
    if (member.activity) member.activity.status = 'MidLifecycleAction'
  }

  #end(group: Group, member: Member): void {
    if (member.activity) member.activity.status = 'InProgress'
    const state = this.#cloud.ec2.stateOf(member.id)
    if (state === null || state === 'terminated') this.ended(group, member)
    else this.#cloud.ec2.terminate(member.id)
  }

  /** EC2 has ended it: the group forgets it, if it was the group that ended it and it is not held by a hook. */
  ended(group: Group, member: Member): void {
    const ending = member.lifecycle === 'Terminating' || member.lifecycle === 'Terminating:Proceed'
    if (!ending || member.activity?.status !== 'InProgress') return
    this.#finish(member)
    this.#left(group, member)
  }

  /** An instance that EC2 ended before it ever served. */
  failedLaunch(group: Group, member: Member, because: string): void {
    endActivity(
      member.activity,
      this.#now(),
      'Cancelled',
      `Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: ${because}`,
    )
    this.terminate(group, member, this.outOfService('a launch failure'))
  }
}

type RequestedMove = Pick<Activity, 'description' | 'status' | 'progress'> & { verb: string }

/** Texts and progress as AWS's samples and traces of real calls have them (UG as-enter-exit-standby, API DetachInstances). */
const toStandby: RequestedMove = {
  description: 'Moving EC2 instance to Standby',
  verb: 'moved to standby',
  status: 'InProgress',
  progress: 50,
}
const outOfStandby: RequestedMove = {
  description: 'Moving EC2 instance out of Standby',
  verb: 'moved out of standby',
  status: 'PreInService',
  progress: 30,
}
const detaching: RequestedMove = {
  description: 'Detaching EC2 instance',
  verb: 'detached',
  status: 'InProgress',
  progress: 50,
}
