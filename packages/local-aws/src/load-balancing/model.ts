import type { Cloud } from '../cloud.ts'
import type { Cancel } from '../clock.ts'
import type { Instance, InstanceState } from '../ec2/instance.ts'
import { AwsError } from '../wire/operation.ts'
import { hex } from '../ids.ts'
import { Timers } from '../timers.ts'
import { awsTiming, varied, type Timing } from '../timing.ts'
import { checkOf, judge, type Target, type TargetGroup } from './target-group.ts'

export type LoadBalancer = {
  readonly arn: string
  readonly name: string
  readonly scheme: string
  readonly dnsName: string
  readonly vpcId: string
  readonly subnets: readonly string[]
  readonly createdAt: number
}

export type Listener = {
  readonly arn: string
  readonly loadBalancerArn: string
  readonly protocol: string
  readonly port: number
  readonly targetGroupArn: string
}

/** Where a request may be sent. */
export type Endpoint = Readonly<{ instanceId: string; ip: string; port: number }>

/** What DescribeTargetHealth says of one target. */
export type Health = Readonly<{ state: string; reason?: string; description?: string }>

export const deregistrationDelay = 'deregistration_delay.timeout_seconds'

/** Load balancers, listeners, target groups and the health of their targets (ELBv2, Application Load Balancer). */
export class LoadBalancing {
  readonly #cloud: Cloud
  readonly #timing: Timing
  readonly #timers: Timers
  readonly loadBalancers = new Map<string, LoadBalancer>()
  readonly listeners = new Map<string, Listener>()
  readonly targetGroups = new Map<string, TargetGroup>()
  readonly #onListener: ((listener: Listener) => void)[] = []
  readonly #onListenerGone: ((listenerArn: string) => void)[] = []
  readonly #onDeregistered: ((target: { targetGroupArn: string; instanceId: string }) => void)[] = []
  readonly #checks = new Map<Target, Cancel>()

  /** Other models are looked up in `cloud` only when needed: it may still be incomplete here. */
  constructor(cloud: Cloud, timing: Partial<Timing> = {}) {
    this.#cloud = cloud
    this.#timing = { ...awsTiming, ...timing }
    this.#timers = new Timers(cloud.clock)
  }

  /** Called for every listener created from now on. */
  onListener(callback: (listener: Listener) => void): void {
    this.#onListener.push(callback)
  }

  onListenerGone(callback: (listenerArn: string) => void): void {
    this.#onListenerGone.push(callback)
  }

  /** Called when a target's deregistration delay has ended: what is left of its connections is cut. */
  onDeregistered(callback: (target: { targetGroupArn: string; instanceId: string }) => void): void {
    this.#onDeregistered.push(callback)
  }

  /** Where new requests go: the healthy targets; where none is, all that are not draining (ALB fails open). */
  eligible(targetGroupArn: string): readonly Endpoint[] {
    const targets = this.targetGroups.get(targetGroupArn)?.targets.values() ?? []
    const able = [...targets].filter(
      (target) => target.state !== 'draining' && !isDown(this.#cloud.ec2.stateOf(target.instanceId)),
    )
    const healthy = able.filter((target) => target.state === 'healthy')
    return healthy.length > 0 ? healthy : able
  }

  addLoadBalancer(name: string, scheme: string, vpcId: string, subnets: readonly string[]): LoadBalancer {
    const { random, region, clock } = this.#cloud
    const id = hex(random, 16)
    const balancer: LoadBalancer = {
      arn: this.#arn(`loadbalancer/app/${name}/${id}`),
      name,
      scheme,
      dnsName: `${name}-${hex(random, 9)}.${region}.elb.amazonaws.com`,
      vpcId,
      subnets,
      createdAt: clock.now(),
    }
    this.loadBalancers.set(balancer.arn, balancer)
    return balancer
  }

  addTargetGroup(group: Omit<TargetGroup, 'arn' | 'targets'>): TargetGroup {
    const arn = this.#arn(`targetgroup/${group.name}/${hex(this.#cloud.random, 16)}`)
    const made: TargetGroup = { ...group, arn, targets: new Map() }
    this.targetGroups.set(arn, made)
    return made
  }

  addListener(balancer: LoadBalancer, protocol: string, port: number, targetGroupArn: string): Listener {
    const arn = `${balancer.arn.replace(':loadbalancer/', ':listener/')}/${hex(this.#cloud.random, 16)}`
    const listener: Listener = { arn, loadBalancerArn: balancer.arn, protocol, port, targetGroupArn }
    this.listeners.set(arn, listener)
    for (const callback of this.#onListener) callback(listener)
    return listener
  }

  removeListener(arn: string): void {
    if (this.listeners.delete(arn)) for (const callback of this.#onListenerGone) callback(arn)
  }

  #arn(resource: string): string {
    return `arn:aws:elasticloadbalancing:${this.#cloud.region}:${this.#cloud.account}:${resource}`
  }

  /** @throws {AwsError} TargetGroupNotFound. */
  targetGroup(arn: string): TargetGroup {
    const group = this.targetGroups.get(arn)
    if (!group) throw new AwsError('TargetGroupNotFound', 'One or more target groups not found')
    return group
  }

  removeTargetGroup(arn: string): void {
    const group = this.targetGroup(arn)
    for (const target of group.targets.values()) this.#forget(group, target)
    this.targetGroups.delete(arn)
  }

  /** Load balancers whose listeners forward to the group. */
  balancersOf(targetGroupArn: string): string[] {
    const listeners = [...this.listeners.values()].filter((one) => one.targetGroupArn === targetGroupArn)
    return [...new Set(listeners.map((listener) => listener.loadBalancerArn))]
  }

  /** @throws {AwsError} InvalidTarget where the instance is not there or does not run. */
  registrable(instanceId: string): Instance {
    const instance = this.#cloud.ec2.instance(instanceId)
    if (instance?.state === 'running') return instance
    throw new AwsError(
      'InvalidTarget',
      instance
        ? `The following targets are not in a running state and cannot be registered: '${instanceId}'`
        : `The following targets are not valid instances: '${instanceId}'`,
    )
  }

  /**
   * Registers a running instance, at the group's port unless told otherwise; repeating it changes nothing.
   * A draining target comes back, but has to pass the healthy threshold: AWS documents neither, this is the less flattering reading.
   */
  register(arn: string, instanceId: string, port?: number): void {
    const group = this.targetGroup(arn)
    const instance = this.registrable(instanceId)
    const before = group.targets.get(instanceId)
    if (before && before.state !== 'draining') return
    const target: Target = {
      instanceId,
      ip: instance.ip,
      port: port ?? group.port,
      state: 'initial',
      reason: { code: 'Elb.RegistrationInProgress', description: 'Target registration is in progress' },
      passed: 0,
      failed: 0,
      needed: before ? group.healthCheck.healthyThreshold : 1,
    }
    if (before) this.#checks.get(before)?.()
    group.targets.set(instanceId, target)
    const delay = varied(this.#timing.registrationMs, this.#cloud.random)
    this.#later(target, Math.min(delay, group.healthCheck.intervalMs), () => {
      target.reason = { code: 'Elb.InitialHealthChecking', description: 'Initial health checks in progress' }
      this.#check(group, target)
    })
  }

  #later(target: Target, delayMs: number, task: () => void): void {
    this.#checks.set(target, this.#timers.after(delayMs, task))
  }

  #check(group: TargetGroup, target: Target): void {
    this.#later(target, group.healthCheck.intervalMs, () => this.#check(group, target))
    void this.#probe(group, target)
  }

  async #probe(group: TargetGroup, target: Target): Promise<void> {
    const result = await this.#cloud.probe(checkOf(group, target))
    // An answer that comes after deregistration says nothing about the registration that may have followed.
    if (group.targets.get(target.instanceId) === target) judge(group, target, result)
  }

  /**
   * Takes a target out of service. It drains for the whole deregistration delay, in use or not (ALB guide: still shown as draining).
   * @returns milliseconds until it is unused; 0 where it is not registered.
   */
  deregister(arn: string, instanceId: string): number {
    const group = this.targetGroup(arn)
    const target = group.targets.get(instanceId)
    if (!target) return 0
    if (target.state === 'draining') return Math.max(0, (target.unusedAt ?? 0) - this.#cloud.clock.now())
    this.#checks.get(target)?.()
    const delayMs = Number(group.attributes[deregistrationDelay]) * 1_000
    target.state = 'draining'
    target.reason = {
      code: 'Target.DeregistrationInProgress',
      description: 'Target deregistration is in progress',
    }
    target.unusedAt = this.#cloud.clock.now() + delayMs
    this.#later(target, delayMs, () => this.#forget(group, target))
    return delayMs
  }

  #forget(group: TargetGroup, target: Target): void {
    this.#checks.get(target)?.()
    this.#checks.delete(target)
    if (group.targets.get(target.instanceId) !== target) return
    group.targets.delete(target.instanceId)
    for (const callback of this.#onDeregistered)
      callback({ targetGroupArn: group.arn, instanceId: target.instanceId })
  }

  /** A terminated instance leaves every target group by itself. */
  instanceTerminated(instanceId: string): void {
    for (const group of this.targetGroups.values()) {
      const target = group.targets.get(instanceId)
      if (target) this.#forget(group, target)
    }
  }

  /** Reasons and their order: ALB guide, target health status. */
  health(arn: string, instanceId: string): Health {
    const group = this.targetGroup(arn)
    const target = group.targets.get(instanceId)
    if (!target)
      return {
        state: 'unused',
        reason: 'Target.NotRegistered',
        description: 'Target is not registered to the target group',
      }
    const machine = this.#cloud.ec2.stateOf(instanceId)
    if (target.state === 'draining') return told(target)
    if (isDown(machine))
      return {
        state: 'unused',
        reason: 'Target.InvalidState',
        description: `Target is in the ${machine ?? 'terminated'} state`,
      }
    if (this.balancersOf(arn).length === 0)
      return {
        state: 'unused',
        reason: 'Target.NotInUse',
        description: 'Target group is not configured to receive traffic from the load balancer',
      }
    return told(target)
  }

  close(): void {
    this.#timers.close()
  }
}

/** What makes a target unused: an instance on its way there goes on being checked, and sent requests (API TargetHealth). */
function isDown(state: InstanceState | null): boolean {
  return state === null || state === 'stopped' || state === 'terminated'
}

function told(target: Target): Health {
  if (!target.reason) return { state: target.state }
  return { state: target.state, reason: target.reason.code, description: target.reason.description }
}
