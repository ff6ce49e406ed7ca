import type { Phase, Reason, Report } from '@switchover/contract/report'
import { readGroupTags, type GroupTags } from '@switchover/contract/tags'
import type { Cloud } from '../../cloud.ts'
import { Timers } from '../../timers.ts'
import type { SpotNotices } from '../../ec2/spot-notices.ts'
import { AwsError } from '../../wire/operation.ts'
import type { MachineSpec } from '../kind.ts'
import { AgentHooks } from './hooks.ts'
import type { VersionBehaviour, VirtualOptions } from './options.ts'
import { findImages, type Images } from './pinned-images.ts'
import { pulling } from './pulling.ts'
import { leaving, reported } from './spot.ts'
import { AgentRights, refusalOf } from './rights.ts'
import { writeReport } from './write-report.ts'

/** What the agent has settled on; an instance runs one version for its life. */
type Assignment = { group: string; tags: GroupTags; version: string; images: Images }

const bootingReportMs = 15_000
const parkedReportMs = 60_000
const reportMs = 600_000

/** The agent of a virtual machine: phases, reports, lifecycle actions and readiness as the real one has them, the work itself only timed. */
export class VirtualAgent {
  readonly #cloud: Cloud
  readonly #spec: MachineSpec
  readonly #options: VirtualOptions
  readonly #rights: AgentRights
  readonly #hooks: AgentHooks
  #timers: Timers
  readonly #onApp: (up: boolean) => void
  readonly #timings: Report['timings'] = {}
  #phase: Phase = 'booting'
  #since: number
  #reason: Reason | null = null
  #assignment: Assignment | null = null
  #verified = false
  #reportedAt = 0
  #notices: SpotNotices = { interruption: null, rebalanceAt: null }

  /** @param onApp told when the app begins or ends to listen */
  constructor(cloud: Cloud, spec: MachineSpec, options: VirtualOptions, onApp: (up: boolean) => void) {
    this.#cloud = cloud
    this.#spec = spec
    this.#options = options
    this.#rights = new AgentRights(cloud, spec)
    this.#hooks = new AgentHooks(cloud, spec.instanceId, this.#rights)
    this.#timers = new Timers(cloud.clock)
    this.#onApp = onApp
    this.#since = cloud.clock.now()
  }

  get phase(): Phase {
    return this.#phase
  }

  get version(): string | null {
    return this.#assignment?.version ?? null
  }

  get behaviour(): VersionBehaviour {
    return this.#options.versions[this.version ?? ''] ?? {}
  }

  /** Parked does not change it: only deregistration removes traffic. */
  get ready(): boolean {
    return this.#phase === 'ready' || this.#phase === 'parked'
  }

  /** First boot, or the boot after a reboot: then what it needs is on its own disk. Nothing of an earlier boot may still be timed. */
  boot(timers: Timers): void {
    this.#timers = timers
    this.#verified = false
    this.#enter('booting')
    this.#next(this.#options.bootMs, () => {
      this.#poll()
      this.#tick()
      if (this.#assignment) this.#start()
      else this.#identify()
    })
  }

  /** Runs `task` after `ms`, if the phase is then still the same. */
  #next(ms: number, task: () => void): void {
    const phase = this.#phase
    this.#timers.after(ms, () => {
      if (this.#phase === phase) task()
    })
  }

  #identify(): void {
    this.#enter('identifying')
    const refused = refusalOf(() => this.#rights.readGroup())
    if (refused) return this.#again('access-denied', refused.message, () => this.#identify())
    const found = this.#cloud.autoScaling.find(this.#spec.instanceId)
    if (!found) return this.#again('no-group', 'The instance is in no group.', () => this.#identify())
    const tags = Object.fromEntries([...found.group.tags].map(([key, { value }]) => [key, value]))
    const read = readGroupTags(tags)
    if (!read.ok) return this.#again('tags', read.problem, () => this.#identify())
    const { version } = read.tags
    if (version === null)
      return this.#again('tags', 'The group has no tag switchover:version.', () => this.#identify())
    this.#assignment = { group: found.group.name, tags: read.tags, version, images: [] }
    void this.#resolve(this.#assignment)
  }

  /** Waits a poll with a reason that may heal. */
  #again(code: string, sentence: string, task: () => void): void {
    this.#reason = { code, sentence, kind: 'retryable' }
    this.#report()
    this.#next(this.#options.pollMs, task)
  }

  async #resolve(assignment: Assignment): Promise<void> {
    this.#enter('resolving')
    const retry = () => void this.#resolve(assignment)
    try {
      const found = await findImages(this.#cloud, this.#rights, assignment.tags, assignment.version)
      if (this.phase !== 'resolving') return
      if (Array.isArray(found)) {
        assignment.images = found
        this.#pull()
      } else if (found.kind === 'terminal') this.#fail(found)
      else this.#again(found.code, found.sentence, retry)
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      this.#again(error.code.startsWith('AccessDenied') ? 'access-denied' : 'store', error.message, retry)
    }
  }

  get #pullMs(): number {
    return this.behaviour.pullMs ?? this.#options.pullMs
  }

  #pull(): void {
    this.#enter('pulling')
    this.#next(this.#pullMs, () => {
      this.#enter('retagging')
      const { failsFor } = this.behaviour
      if (failsFor === undefined) this.#startUnlessWarm()
      else this.#fail({ code: 'app-failed', sentence: failsFor, kind: 'terminal' })
    })
  }

  /** In the warm pool the app stays down; what it will be, the group's tags say when the instance is called. */
  #startUnlessWarm(): void {
    const target = this.#cloud.autoScaling.targetLifecycleState(this.#spec.instanceId)
    if (target?.startsWith('Warmed:') !== true) return this.#start()
    this.#hooks.complete('LAUNCHING', 'CONTINUE')
    this.#again(
      'warm-pool',
      'In the warm pool: the app starts when the instance is called into service.',
      () =>
        target === this.#cloud.autoScaling.targetLifecycleState(this.#spec.instanceId)
          ? this.#startUnlessWarm()
          : this.#identify(),
    )
  }

  #start(): void {
    this.#enter('starting')
    this.#next(this.behaviour.appMs ?? this.#options.appMs, () => {
      this.#onApp(true)
      this.#verified = true
      this.#enter('verifying')
      if (this.behaviour.neverHealthy) {
        this.#reason = { code: 'app-unhealthy', sentence: 'The app answers 500.', kind: 'retryable' }
        this.#report()
      } else this.#becomeReady()
    })
  }

  #becomeReady(): void {
    this.#enter('ready')
    if (this.#assignment?.tags.release === 'each') this.#hooks.complete('LAUNCHING', 'CONTINUE')
  }

  #fail(reason: Reason): void {
    this.#enter('failed', reason)
    if (this.#assignment?.tags.release === 'each') this.#hooks.complete('LAUNCHING', 'ABANDON')
  }

  /** Looks where the instance is heading, as IMDS tells it, and keeps launch actions alive while working. */
  #poll(): void {
    this.#timers.after(this.#options.pollMs, () => this.#poll())
    const target = this.#cloud.autoScaling.targetLifecycleState(this.#spec.instanceId)
    if (target === 'Terminated') this.drain()
    else if (target === 'Standby' && this.#phase === 'ready') this.#enter('parked')
    else if (target === 'InService' && this.#phase === 'parked') this.#enter('ready')
    this.#heedSpot()
    if (this.#phase !== 'draining' && this.#phase !== 'failed') this.#hooks.heartbeat()
  }

  /** Reports EC2's notices at once, and leaves in time for the load balancer to see it. */
  #heedSpot(): void {
    const { clock, ec2 } = this.#cloud
    const before = this.#notices
    this.#notices = ec2.spot.notices(this.#spec.instanceId)
    if (this.#notices !== before) this.#report()
    const { interruption } = this.#notices
    if (interruption === null || this.#phase === 'draining') return
    const { unreadyAt, stopAt } = leaving(interruption, this.#options)
    const left = unreadyAt - clock.now()
    if (left >= this.#options.pollMs) return
    this.#timers.after(Math.max(0, left), () => {
      if (this.#notices.interruption === interruption) this.drain(Math.max(0, stopAt - clock.now()))
    })
  }

  /** Not ready at once; the app ends after `serveMs`, then the termination hook is completed. Safe to repeat. */
  drain(serveMs = this.#options.drainMs): void {
    if (this.#phase === 'draining') return
    this.#enter('draining', this.#reason?.kind === 'terminal' ? this.#reason : null)
    this.#timers.after(serveMs, () => {
      this.#onApp(false)
      this.#finishTermination()
    })
  }

  /** The hook begins only when the load balancer has drained, so it may have to be waited for. */
  #finishTermination(): void {
    this.#hooks.complete('TERMINATING', 'CONTINUE')
    this.#timers.after(this.#options.pollMs, () => this.#finishTermination())
  }

  /** Milliseconds in the present phase, earlier times in it included. */
  #spent(): number {
    return (this.#timings[this.#phase] ?? 0) + this.#cloud.clock.now() - this.#since
  }

  #enter(phase: Phase, reason: Reason | null = null): void {
    this.#timings[this.#phase] = this.#spent()
    this.#phase = phase
    this.#since = this.#cloud.clock.now()
    this.#reason = reason
    this.#report()
  }

  #tick(): void {
    const settled = this.ready || this.#phase === 'failed' || this.#phase === 'draining'
    const every = this.#phase === 'parked' ? parkedReportMs : settled ? reportMs : bootingReportMs
    this.#timers.after(bootingReportMs, () => {
      if (this.#cloud.clock.now() - this.#reportedAt >= every) this.#report()
      this.#tick()
    })
  }

  /** What `/status` says and the store gets. */
  status(): Report {
    const assignment = this.#assignment
    return {
      instanceId: this.#spec.instanceId,
      group: assignment?.group ?? null,
      service: assignment?.tags.service ?? null,
      deployment: assignment?.tags.deployment ?? null,
      phase: this.#phase,
      since: new Date(this.#since).toISOString(),
      writtenAt: new Date(this.#cloud.clock.now()).toISOString(),
      version: assignment?.version ?? null,
      bundle: assignment?.tags.bundle ?? null,
      images: this.#verified ? (assignment?.images ?? []) : [],
      reason: this.#reason,
      ...reported(this.#notices),
      ...pulling(this.#phase, this.#cloud.clock.now() - this.#since, this.#pullMs),
      logs: [],
      timings: { ...this.#timings, [this.#phase]: this.#spent() },
      agent: 'virtual',
    }
  }

  #report(): void {
    this.#reportedAt = this.#cloud.clock.now()
    const tags = this.#assignment?.tags
    if (tags) writeReport(this.#cloud, this.#rights, this.#spec, tags, this.status())
  }
}
