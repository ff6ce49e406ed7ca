import type { Cloud } from '../cloud.ts'
import type { Instance } from '../ec2/instance.ts'
import { AwsError } from '../wire/operation.ts'
import { hex } from '../ids.ts'
import { awsTiming, type Timing } from '../timing.ts'
import { instanceState, loadBalancerNotFound } from './classic.ts'
import type { ClassicLoadBalancer, InstanceState as ClassicState } from './classic.ts'
import { classicFrontends, frontendOf, type Frontend, type Listener, type LoadBalancer } from './frontends.ts'
import { defaultQuotas } from './quotas.ts'
import { Registrations } from './registrations.ts'
import { cutsAtTheEnd, type Pool, type TargetGroup } from './target-group.ts'
import { healthOf, isDown, notRegistered, type Health } from './target-health.ts'

/** Where a request may be sent. */
export type Endpoint = Readonly<{ instanceId: string; ip: string; port: number }>

/** A target whose drain is over. What is left of its connections is cut, or goes on by itself. */
export type Deregistered = Readonly<{ poolId: string; instanceId: string; cut: boolean }>

/** Load balancers of three kinds, what they send traffic to, and the health of it (ELBv2 and classic ELB). */
export class LoadBalancing {
  readonly #cloud: Cloud
  readonly #registrations: Registrations
  readonly loadBalancers = new Map<string, LoadBalancer>()
  readonly listeners = new Map<string, Listener>()
  readonly targetGroups = new Map<string, TargetGroup>()
  /** By name. */
  readonly classic = new Map<string, ClassicLoadBalancer>()
  /** What the account may have; raised here as AWS raises it on request. */
  readonly quotas = new Map(Object.entries(defaultQuotas))
  readonly #onFrontend: ((frontend: Frontend) => void)[] = []
  readonly #onFrontendGone: ((id: string) => void)[] = []
  readonly #onDeregistered: ((target: Deregistered) => void)[] = []

  /** Other models are looked up in `cloud` only when needed: it may still be incomplete here. */
  constructor(cloud: Cloud, timing: Partial<Timing> = {}) {
    this.#cloud = cloud
    this.#registrations = new Registrations(cloud, { ...awsTiming, ...timing }, (pool, target) => {
      for (const callback of this.#onDeregistered)
        callback({ poolId: pool.id, instanceId: target.instanceId, cut: cutsAtTheEnd(pool) })
    })
  }

  /** Called for every port that load balancers take traffic on from now on. */
  onFrontend(callback: (frontend: Frontend) => void): void {
    this.#onFrontend.push(callback)
  }

  onFrontendGone(callback: (id: string) => void): void {
    this.#onFrontendGone.push(callback)
  }

  onDeregistered(callback: (target: Deregistered) => void): void {
    this.#onDeregistered.push(callback)
  }

  frontends(): Frontend[] {
    return [
      ...[...this.listeners.values()].map(frontendOf),
      ...[...this.classic.values()].flatMap(classicFrontends),
    ]
  }

  /**
   * Where new requests go: the healthy targets; where none is, all that are not draining, for ALB and NLB fail open. A
   * classic load balancer does not.
   */
  eligible(poolId: string): readonly Endpoint[] {
    const pool = this.pool(poolId)
    const able = [...(pool?.targets.values() ?? [])].filter(
      (target) => target.state !== 'draining' && !isDown(this.#cloud.ec2.stateOf(target.instanceId)),
    )
    const healthy = able.filter((target) => target.state === 'healthy')
    return healthy.length > 0 || pool?.kind === 'classic' ? healthy : able
  }

  addLoadBalancer(
    type: LoadBalancer['type'],
    name: string,
    scheme: string,
    subnets: readonly string[],
  ): LoadBalancer {
    const { random, region, clock } = this.#cloud
    const id = hex(random, 16)
    const balancer: LoadBalancer = {
      arn: this.#arn(`loadbalancer/${type === 'network' ? 'net' : 'app'}/${name}/${id}`),
      type,
      name,
      scheme,
      dnsName: `${name}-${hex(random, 9)}.${region}.elb.amazonaws.com`,
      vpcId: 'vpc-0local',
      subnets,
      createdAt: clock.now(),
    }
    this.loadBalancers.set(balancer.arn, balancer)
    return balancer
  }

  addTargetGroup(group: Omit<TargetGroup, 'arn' | 'id' | 'kind' | 'targets'>): TargetGroup {
    const arn = this.#arn(`targetgroup/${group.name}/${hex(this.#cloud.random, 16)}`)
    const kind = group.protocol === 'TCP' ? 'network' : 'application'
    const made: TargetGroup = { ...group, arn, id: arn, kind, targets: new Map() }
    this.targetGroups.set(arn, made)
    return made
  }

  addListener(
    balancer: LoadBalancer,
    protocol: Listener['protocol'],
    port: number,
    targetGroupArn: string,
  ): Listener {
    const arn = `${balancer.arn.replace(':loadbalancer/', ':listener/')}/${hex(this.#cloud.random, 16)}`
    const listener: Listener = { arn, loadBalancerArn: balancer.arn, protocol, port, targetGroupArn }
    this.listeners.set(arn, listener)
    for (const callback of this.#onFrontend) callback(frontendOf(listener))
    return listener
  }

  removeListener(arn: string): void {
    if (this.listeners.delete(arn)) for (const callback of this.#onFrontendGone) callback(arn)
  }

  addClassic(balancer: Omit<ClassicLoadBalancer, 'dnsName' | 'createdAt' | 'targets'>): ClassicLoadBalancer {
    const { random, region, clock } = this.#cloud
    const dnsName = `${balancer.id}-${hex(random, 9)}.${region}.elb.amazonaws.com`
    const made: ClassicLoadBalancer = { ...balancer, dnsName, createdAt: clock.now(), targets: new Map() }
    this.classic.set(made.id, made)
    for (const frontend of classicFrontends(made)) for (const callback of this.#onFrontend) callback(frontend)
    return made
  }

  removeClassic(name: string): void {
    const balancer = this.classic.get(name)
    if (!balancer) return
    this.#empty(balancer)
    this.classic.delete(name)
    for (const { id } of classicFrontends(balancer)) for (const callback of this.#onFrontendGone) callback(id)
  }

  #arn(resource: string): string {
    return `arn:aws:elasticloadbalancing:${this.#cloud.region}:${this.#cloud.account}:${resource}`
  }

  /** A target group by its ARN, a classic load balancer by its name. */
  pool(id: string): Pool | undefined {
    return this.targetGroups.get(id) ?? this.classic.get(id)
  }

  /** @throws {AwsError} TargetGroupNotFound. */
  targetGroup(arn: string): TargetGroup {
    const group = this.targetGroups.get(arn)
    if (!group) throw new AwsError('TargetGroupNotFound', 'One or more target groups not found')
    return group
  }

  /** @throws {AwsError} LoadBalancerNotFound. */
  classicLoadBalancer(name: string): ClassicLoadBalancer {
    const balancer = this.classic.get(name)
    if (!balancer) throw loadBalancerNotFound(name)
    return balancer
  }

  removeTargetGroup(arn: string): void {
    this.#empty(this.targetGroup(arn))
    this.targetGroups.delete(arn)
  }

  #empty(pool: Pool): void {
    for (const target of pool.targets.values()) this.#registrations.forget(pool, target)
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

  /** Registers a running instance; repeating it changes nothing. */
  register(pool: Pool, instanceId: string, port?: number): void {
    this.#registrations.register(pool, this.registrable(instanceId), port)
  }

  /** @returns milliseconds until the instance is out; 0 where it is not registered. */
  deregister(pool: Pool, instanceId: string): number {
    return this.#registrations.deregister(pool, instanceId)
  }

  /** A terminated instance leaves every load balancer by itself. */
  instanceTerminated(instanceId: string): void {
    for (const pool of [...this.targetGroups.values(), ...this.classic.values()]) {
      const target = pool.targets.get(instanceId)
      if (target) this.#registrations.forget(pool, target)
    }
  }

  /** @param port the one it is registered with unless given */
  health(pool: Pool, instanceId: string, port?: number): Health {
    const target = pool.targets.get(instanceId)
    if (!target || target.port !== (port ?? target.port)) return notRegistered
    const machine = this.#cloud.ec2.stateOf(instanceId)
    const used = pool.kind === 'classic' || this.balancersOf(pool.arn).length > 0
    return healthOf(pool, target, { machine, used, now: this.#cloud.clock.now() })
  }

  /** What DescribeInstanceHealth says. */
  classicState(balancer: ClassicLoadBalancer, instanceId: string): ClassicState {
    const machine = this.#cloud.ec2.stateOf(instanceId)
    return instanceState(balancer, instanceId, isDown(machine) ? (machine ?? 'terminated') : null)
  }

  close(): void {
    this.#registrations.close()
  }
}
