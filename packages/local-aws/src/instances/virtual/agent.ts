import { parseImage } from '@switchover/contract/image'
import type { Phase, Reason, Report } from '@switchover/contract/report'
import { parseStoreUrl, storeKeys } from '@switchover/contract/store'
import { digestFor, readGroupTags, type GroupTags } from '@switchover/contract/tags'
import type { Group } from '../../auto-scaling/group.ts'
import type { Cloud } from '../../cloud.ts'
import { Timers } from '../../timers.ts'
import type { SpotNotices } from '../../ec2/spot-notices.ts'
import { AwsError } from '../../wire/operation.ts'
import type { MachineSpec } from '../kind.ts'
import { readPinned } from './bundle.ts'
import { imageId } from './image-id.ts'
import type { VersionBehaviour, VirtualOptions } from './options.ts'
import { pulling } from './pulling.ts'
import { leaving, reported } from './spot.ts'
import { AgentRights } from './rights.ts'

/** What the agent has settled on; an instance runs one version for its life. */
type Assignment = { group: string; tags: GroupTags; version: string; images: Report['images'] }

const bootingReportMs = 15_000
const parkedReportMs = 60_000
const reportMs = 600_000

/** The agent of a virtual machine: phases, reports, lifecycle actions and readiness as the real one has them, the work itself only timed. */
export class VirtualAgent {
  readonly #cloud: Cloud
  readonly #spec: MachineSpec
  readonly #options: VirtualOptions
  readonly #rights: AgentRights
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
      const problem = await this.#lookUp(assignment)
      if (this.phase !== 'resolving') return
      if (problem?.kind === 'terminal') this.#fail(problem)
      else if (problem) this.#again(problem.code, problem.sentence, retry)
      else this.#pull()
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      this.#again(error.code.startsWith('AccessDenied') ? 'access-denied' : 'store', error.message, retry)
    }
  }

  /** Finds every pinned image in the registry. @returns what is wrong, or null. */
  async #lookUp(assignment: Assignment): Promise<Reason | null> {
    const { tags, version } = assignment
    const { store, service, bundle: revision } = tags
    let pinned = [{ service, repository: service }]
    if (revision !== null) {
      this.#mayRead(tags, revision)
      const read = await readPinned(this.#cloud.objects, { store, service, revision })
      if (!read.ok) return { code: 'bundle', sentence: read.sentence, kind: read.kind }
      pinned = [...read.pinned]
    }
    const images: Report['images'] = []
    for (const { service, repository } of pinned) {
      this.#rights.pull(repository)
      const wanted = digestFor(tags.digests, service) ?? version
      const manifest = await this.#cloud.images.manifest(parseImage(repository).path, wanted)
      if (!manifest) {
        const name = wanted === version ? `${repository}:${version}` : `${repository}@${wanted}`
        return { code: 'image-not-found', sentence: `${name} is not in the registry.`, kind: 'terminal' }
      }
      images.push({ service, repository, digest: manifest.digest, imageId: imageId(manifest) })
    }
    assignment.images = images
    return null
  }

  #mayRead({ store, service }: GroupTags, revision: string): void {
    const location = parseStoreUrl(store)
    if (!location) return
    const keys = storeKeys(location.prefix, service)
    for (const key of [keys.bundleChecksum(revision), keys.bundle(revision)])
      this.#rights.object('GetObject', location.bucket, key)
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
    this.#complete('LAUNCHING', 'CONTINUE')
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
    if (this.#assignment?.tags.release === 'each') this.#complete('LAUNCHING', 'CONTINUE')
  }

  #fail(reason: Reason): void {
    this.#enter('failed', reason)
    if (this.#assignment?.tags.release === 'each') this.#complete('LAUNCHING', 'ABANDON')
  }

  /** Names of the hooks the instance waits for. */
  #waitsFor(transition: string): { group: Group; hook: string }[] {
    const found = this.#cloud.autoScaling.find(this.#spec.instanceId)
    const waits = [...(found?.member.waits.values() ?? [])]
    return waits.flatMap(({ hook }) =>
      found && hook.transition.endsWith(transition) ? [{ group: found.group, hook: hook.name }] : [],
    )
  }

  #complete(transition: 'LAUNCHING' | 'TERMINATING', result: 'CONTINUE' | 'ABANDON'): void {
    const { actions } = this.#cloud.autoScaling.moves
    for (const { group, hook } of this.#waitsFor(transition)) {
      // An ABANDON ends what the other hooks wait for too.
      if (!this.#waitsFor(transition).some((wait) => wait.hook === hook)) continue
      if (refusalOf(() => this.#rights.answerHook(group.name, 'CompleteLifecycleAction'))) continue
      actions.complete(group, hook, { token: undefined, instanceId: this.#spec.instanceId }, result)
      this.#cloud.autoScaling.wake(group)
    }
  }

  /** Looks where the instance is heading, as IMDS tells it, and keeps launch actions alive while working. */
  #poll(): void {
    this.#timers.after(this.#options.pollMs, () => this.#poll())
    const target = this.#cloud.autoScaling.targetLifecycleState(this.#spec.instanceId)
    if (target === 'Terminated') this.drain()
    else if (target === 'Standby' && this.#phase === 'ready') this.#enter('parked')
    else if (target === 'InService' && this.#phase === 'parked') this.#enter('ready')
    this.#heedSpot()
    if (this.#phase === 'draining' || this.#phase === 'failed') return
    const { actions } = this.#cloud.autoScaling.moves
    for (const { group, hook } of this.#waitsFor('LAUNCHING')) {
      if (refusalOf(() => this.#rights.answerHook(group.name, 'RecordLifecycleActionHeartbeat'))) continue
      actions.heartbeat(group, hook, { token: undefined, instanceId: this.#spec.instanceId })
    }
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
    this.#complete('TERMINATING', 'CONTINUE')
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

  /** Written under its own key, as IAM lets an instance write no other. A store that is not there or refuses costs the report, nothing more. */
  #report(): void {
    this.#reportedAt = this.#cloud.clock.now()
    const { role, instanceId } = this.#spec
    const tags = this.#assignment?.tags
    const location = tags && parseStoreUrl(tags.store)
    if (!location || role === null || !this.#cloud.objects.hasBucket(location.bucket)) return
    const userId = `${this.#cloud.identities.roleId(role)}:${instanceId}`
    const key = storeKeys(location.prefix, tags.service).report(userId)
    if (refusalOf(() => this.#rights.object('PutObject', location.bucket, key))) return
    const body = Buffer.from(JSON.stringify(this.status()))
    this.#cloud.objects.put(location.bucket, key, body, { contentType: 'application/json' })
  }
}

/** The error of AWS that `call` ends with, or null. */
function refusalOf(call: () => void): AwsError | null {
  try {
    call()
    return null
  } catch (error) {
    if (error instanceof AwsError) return error
    throw error
  }
}
