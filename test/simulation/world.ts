import { seededRandom } from '@switchover/local-aws/seeded-random'
import type { Deployment } from '@switchover/contract/deployment'
import type { HistoryEntry } from '../../packages/coordinator/src/run/history.ts'
import { bucket } from '../../packages/coordinator/test/support/account.ts'
import { Coordinator, type Sent } from './coordinator.ts'
import { EventLog } from './event-log.ts'
import { Faults } from './faults.ts'
import { lendHand } from './hands.ts'
import { Happenings } from './happenings.ts'
import { Interference } from './interference.ts'
import { give, type Ended } from './person.ts'
import { groupNames, type CommandPlan, type GroupName, type Plan, type When } from './plan.ts'
import { capacityRule } from './rules/capacity.ts'
import { endStateRule } from './rules/end-state.ts'
import { leaseRule } from './rules/lease.ts'
import { leftoverRule } from './rules/leftovers.ts'
import type { Rest, Rule } from './rules/rule.ts'
import { stepRule } from './rules/steps.ts'
import { createScene, type Scene } from './scene.ts'
import { tellStory } from './story.ts'
import { recordIn, serviceIn, Truth, type InstanceTruth, type ServiceTruth } from './truth.ts'

export type Violation = Readonly<{ rule: string; text: string }>

export type Outcome = Readonly<{
  violation: Violation | null
  log: readonly string[]
  commands: number
  /** Commands of them that deploy. */
  deployments: number
  calls: number
  simulatedMs: number
  /** What the service looked like in the end. */
  end: ServiceTruth
}>

/** No story takes longer. Milliseconds. */
const limitMs = 12 * 3_600_000

/** Runs one world to its end, or to the first breach of a rule. */
export async function runWorld(plan: Plan): Promise<Outcome> {
  const scene = await createScene(plan)
  return new World(plan, scene).run()
}

class World {
  readonly #plan: Plan
  readonly #scene: Scene
  readonly #log: EventLog
  readonly #truth: Truth
  readonly #rules: readonly Rule[]
  readonly #faults: Faults
  readonly #happenings: Happenings
  readonly #random: () => number
  readonly #from: number
  #interference = new Interference()
  #violation: Violation | null = null
  #instances: ReadonlyMap<string, InstanceTruth>
  #record: { body: unknown; id: string | null } = { body: null, id: null }
  /** The service as the last deployment found it. */
  #before: ServiceTruth
  #parts: { old: GroupName; fresh: GroupName } = { old: 'web-blue', fresh: 'web-green' }
  #floor = 100
  /** Whether anything has ever served for good, which a first deployment begins without. */
  #established: boolean
  /** The last deployment was the first of the service. */
  #first = false
  #processes: Coordinator[] = []
  #deployments = 0
  /** Deployments that are in the record, or were. */
  #begun = 0
  readonly #awaited: { call: number; task: () => Promise<void> }[] = []
  #calls = 0
  /** Commands under way. */
  #working = 0

  constructor(plan: Plan, scene: Scene) {
    this.#plan = plan
    this.#scene = scene
    this.#log = new EventLog(scene.time)
    this.#truth = new Truth(scene)
    this.#faults = new Faults(plan.faults, scene.clock)
    this.#happenings = new Happenings(scene, this.#interference)
    this.#random = seededRandom(plan.seed ^ 0x5eed)
    this.#from = scene.time.now()
    this.#instances = this.#truth.instances()
    this.#before = serviceIn(scene)
    this.#established = !plan.service.first
    const subject = { plan, scene, interference: this.#interference }
    this.#rules = [
      capacityRule(subject, () => ({ floor: this.#floor, established: this.#established })),
      leaseRule(subject),
      leftoverRule(subject),
      endStateRule(subject, () => this.#parts),
      stepRule(subject),
    ]
  }

  async run(): Promise<Outcome> {
    for (const hand of this.#plan.hands)
      this.#at(hand.when, async () => {
        this.#log.add('hand', await lendHand(this.#scene, this.#interference, hand))
      })
    for (const event of this.#plan.events)
      this.#at(event.when, async () => {
        this.#log.add('world', JSON.stringify(event))
        this.#happenings.happen(event)
      })
    for (const other of this.#plan.others)
      this.#at(other.when, async () => void this.#command(other).catch((error: unknown) => this.#bug(error)))
    let done = false
    const story = tellStory({
      plan: this.#plan,
      scene: this.#scene,
      command: (given) => this.#command(given),
      begun: () => this.#begun,
      working: () => this.#working > 0,
      rest: () => this.#rest(),
      breach: (rule, text) => this.#breach(rule, text),
    })
      .catch((error: unknown) => this.#bug(error))
      .finally(() => {
        done = true
      })
    try {
      await this.#scene.time.runUntil(() => {
        this.#look()
        return done || this.#violation !== null
      }, limitMs)
    } catch (error) {
      this.#breach('7, bounded steps without oscillation', (error as Error).message)
    }
    if (this.#violation === null) await story
    return {
      violation: this.#violation,
      log: this.#log.lines,
      commands: this.#processes.length,
      deployments: this.#deployments,
      calls: this.#calls,
      simulatedMs: this.#scene.time.now() - this.#from,
      end: serviceIn(this.#scene),
    }
  }

  #at(when: When, task: () => Promise<void>): void {
    if ('ms' in when)
      this.#scene.time.after(when.ms, () => void task().catch((error: unknown) => this.#bug(error)))
    else this.#awaited.push({ call: when.call, task })
  }

  /** What happens right before a call takes effect. */
  async #called(): Promise<void> {
    const nth = ++this.#calls
    for (const { call, task } of this.#awaited) if (call === nth) await task()
  }

  #bug(error: unknown): void {
    this.#breach('no bug', error instanceof Error ? (error.stack ?? error.message) : String(error))
  }

  #breach(rule: string, text: string): void {
    this.#violation ??= { rule, text }
    this.#log.add('RULE', `${rule}: ${text}`)
  }

  #ask(question: (rule: Rule) => string | null | undefined): void {
    if (this.#violation !== null) return
    for (const rule of this.#rules) {
      const text = question(rule)
      if (text) return this.#breach(rule.name, text)
    }
  }

  /** After every task of the clock: what has changed, and whether all rules still hold. */
  #look(): void {
    this.#noteRecord()
    const before = this.#instances
    const now = this.#truth.instances()
    const changed = this.#tellChanges(before, now)
    if (!changed) return
    this.#instances = now
    this.#ask((rule) => rule.look?.({ at: this.#scene.time.now(), before, now }))
  }

  #tellChanges(before: ReadonlyMap<string, InstanceTruth>, now: ReadonlyMap<string, InstanceTruth>): boolean {
    let changed = false
    for (const id of new Set([...before.keys(), ...now.keys()])) {
      const [was, is] = [words(before.get(id)), words(now.get(id))]
      if (was === is) continue
      changed = true
      if (now.get(id)?.ec2 === 'stopped') this.#interference.harm(id, this.#scene.time.now())
      this.#log.add('aws', `${id} ${was} → ${is}`)
    }
    return changed
  }

  /** A deployment that was not there before: what it found is what has to be there again. */
  #noteRecord(): void {
    const object = this.#scene.cloud.objects.get(bucket, 'p/web/deployment.json')
    if (object === undefined || object === this.#record.body) return
    const deployment = recordIn(this.#scene)?.deployment ?? null
    if (deployment !== null && deployment.id !== this.#record.id) this.#noteDeployment(deployment)
    this.#record = { body: object, id: deployment?.id ?? this.#record.id }
  }

  #noteDeployment({ first }: Deployment): void {
    this.#begun += 1
    this.#before = serviceIn(this.#scene)
    this.#interference.beginAnew()
    this.#first = first
    // A first version comes up in the group whose name is first.
    const serving = groupNames.find((name) => this.#scene.cloud.autoScaling.group(name).desired > 0)
    this.#parts =
      serving === 'web-blue'
        ? { old: 'web-blue', fresh: 'web-green' }
        : { old: 'web-green', fresh: 'web-blue' }
  }

  #sent(sent: Sent): void {
    this.#ask((rule) => rule.sent?.(sent))
  }

  async #command({ command, fate }: Pick<CommandPlan, 'command' | 'fate'>): Promise<Ended> {
    const owner = String.fromCharCode(97 + (this.#processes.length % 26))
    const process = new Coordinator(`${owner}${this.#processes.length}`, fate, {
      scene: this.#scene,
      log: this.#log,
      faults: this.#faults,
      random: this.#random,
      pollMs: this.#plan.service.pollMs,
      skewMs: this.#processes.length % 2 === 1 ? this.#plan.service.skewMs : 0,
      onCall: () => this.#called(),
      onChange: (sent) => this.#sent(sent),
    })
    this.#processes.push(process)
    this.#log.add(process.owner, `begins: ${JSON.stringify(command)}`)
    if (command.kind === 'deploy') this.#deployments += 1
    if (command.kind === 'rollback') this.#floor = Math.min(this.#floor, command.floor)
    this.#working += 1
    try {
      const ended = await give(process, command, this.#plan.service)
      this.#log.add(process.owner, ended ? `exits ${ended.exitCode}: ${ended.text}` : 'is dead')
      return ended
    } finally {
      this.#working -= 1
    }
  }

  /** Asks the rules about the service at rest, if it is. */
  #rest(): void {
    const record = recordIn(this.#scene)
    if (record === null || this.#working > 0) return
    const { deployment } = record
    if (deployment && (deployment.stage === 'running' || deployment.stage === 'held')) return
    this.#look()
    const rest: Rest = {
      before: this.#before,
      now: serviceIn(this.#scene),
      record,
      ended: deployment ? null : this.#endedAs(),
      first: this.#first,
      instances: this.#truth.instances(),
    }
    this.#floor = 100
    if (rest.ended === 'finished') this.#established = true
    this.#ask((rule) => rule.rest?.(rest))
  }

  #endedAs(): Rest['ended'] {
    const key = `p/web/history/${this.#record.id ?? ''}.json`
    const body = this.#scene.cloud.objects.get(bucket, key)?.body
    if (body === undefined) return null
    return (JSON.parse(Buffer.from(body).toString()) as HistoryEntry).outcome
  }
}

function words(instance: InstanceTruth | undefined): string {
  if (!instance) return 'gone'
  const { group, lifecycle, ec2, healthy } = instance
  return `${group ?? 'no group'} ${lifecycle ?? '-'} ${ec2}${healthy ? ' healthy' : ''}`
}
