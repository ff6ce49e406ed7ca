import type { Cloud } from '../cloud.ts'
import type { Cancel } from '../clock.ts'
import type { Instance } from '../ec2/instance.ts'
import { Timers } from '../timers.ts'
import { varied, type Timing } from '../timing.ts'
import { checkOf, checksNeeded, drainMsOf, judge, type Pool, type Target } from './target-group.ts'

/** Registers instances with target groups and classic load balancers, checks them, and lets them drain. */
export class Registrations {
  readonly #cloud: Cloud
  readonly #timing: Timing
  readonly #timers: Timers
  readonly #checks = new Map<Target, Cancel>()
  readonly #gone: (pool: Pool, target: Target) => void

  /** @param gone called when a target is no longer registered, its drain over */
  constructor(cloud: Cloud, timing: Timing, gone: (pool: Pool, target: Target) => void) {
    this.#cloud = cloud
    this.#timing = timing
    this.#timers = new Timers(cloud.clock)
    this.#gone = gone
  }

  /**
   * Registers an instance, at the pool's port unless told otherwise; repeating it changes nothing. A draining target comes
   * back, but has to pass the healthy threshold: AWS documents neither, this is the less flattering reading.
   */
  register(pool: Pool, instance: Instance, port?: number): void {
    const before = pool.targets.get(instance.id)
    if (before && before.state !== 'draining') return
    const target: Target = {
      instanceId: instance.id,
      ip: instance.ip,
      port: port ?? pool.port,
      state: 'initial',
      reason: { code: 'Elb.RegistrationInProgress', description: 'Target registration is in progress' },
      passed: 0,
      failed: 0,
      needed: checksNeeded(pool, before !== undefined),
    }
    if (before) this.#stop(before)
    pool.targets.set(instance.id, target)
    this.#later(target, this.#registrationMs(pool), () => {
      target.reason = { code: 'Elb.InitialHealthChecking', description: 'Initial health checks in progress' }
      this.#check(pool, target)
    })
  }

  #registrationMs({ kind, healthCheck }: Pool): number {
    const { registrationMs, networkRegistrationMs } = this.#timing
    const { random } = this.#cloud
    if (kind === 'network') return varied(networkRegistrationMs, random)
    return Math.min(varied(registrationMs, random), healthCheck.intervalMs)
  }

  #later(target: Target, delayMs: number, task: () => void): void {
    this.#checks.set(target, this.#timers.after(delayMs, task))
  }

  #check(pool: Pool, target: Target): void {
    this.#later(target, pool.healthCheck.intervalMs, () => this.#check(pool, target))
    void this.#probe(pool, target)
  }

  async #probe(pool: Pool, target: Target): Promise<void> {
    const result = await this.#cloud.probe(checkOf(pool, target))
    // An answer that comes after deregistration says nothing about the registration that may have followed.
    if (pool.targets.get(target.instanceId) === target) judge(pool, target, result, this.#cloud.clock.now())
  }

  /**
   * Takes a target out of service. It drains for the whole delay, in use or not (ALB guide: still shown as draining).
   * @returns milliseconds until it is unused; 0 where it is not registered.
   */
  deregister(pool: Pool, instanceId: string): number {
    const target = pool.targets.get(instanceId)
    if (!target) return 0
    if (target.state === 'draining') return Math.max(0, (target.unusedAt ?? 0) - this.#cloud.clock.now())
    this.#stop(target)
    const delayMs = drainMsOf(pool)
    target.state = 'draining'
    target.reason = {
      code: 'Target.DeregistrationInProgress',
      description: 'Target deregistration is in progress',
    }
    target.unusedAt = this.#cloud.clock.now() + delayMs
    this.#later(target, delayMs, () => this.forget(pool, target))
    return delayMs
  }

  #stop(target: Target): void {
    this.#checks.get(target)?.()
    this.#checks.delete(target)
  }

  forget(pool: Pool, target: Target): void {
    this.#stop(target)
    if (pool.targets.get(target.instanceId) !== target) return
    pool.targets.delete(target.instanceId)
    this.#gone(pool, target)
  }

  close(): void {
    this.#timers.close()
  }
}
