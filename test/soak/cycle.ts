import { recordSchema } from '@switchover/contract/deployment'
import { bucket } from '@switchover/rehearsal/account'
import { explain } from '../support/kill.ts'
import { type LiveService } from '../support/live-service.ts'
import { repository } from '../support/virtual-service.ts'
import { until } from '../support/until.ts'
import type { Disturber } from './disturbed.ts'
import { leftOver } from './left-over.ts'
import { keysIn } from './measure.ts'

const flags = ['--yes', '--lease', '4s']
/** The command itself and `resume` by turns: killed before its first change it has to be given again. */
const tries = 8
/** What a command leaves to AWS to end: reports and machines that are on their way out. */
const restLimitMs = 20_000

type Pair = { serving: string; idle: string; version: 'v1' | 'v2' }

/** One service through many deployments; each is rolled back or finished. */
export class Soak {
  readonly #service: LiveService
  readonly #disturber: Disturber
  readonly #instances: number
  readonly #max: number
  readonly history: string[] = []
  #pair: Pair = { serving: 'web-blue', idle: 'web-green', version: 'v1' }
  deployments = 0
  rollbacks = 0

  constructor(service: LiveService, disturber: Disturber, size: { instances: number; max: number }) {
    this.#service = service
    this.#disturber = disturber
    this.#instances = size.instances
    this.#max = size.max
  }

  deployArgs(): string[] {
    const version = this.#pair.version === 'v1' ? 'v2' : 'v1'
    return ['deploy', 'web', version, '--image', repository, ...flags]
  }

  async deploy(): Promise<void> {
    await this.#carryOut(this.deployArgs(), () => this.#stage() === 'parked')
    this.deployments += 1
  }

  /** The deployment was carried out by somebody else. */
  deployed(): void {
    this.deployments += 1
  }

  async rollback(): Promise<void> {
    await this.#carryOut(['rollback', 'web', ...flags], () => this.#stage() === null)
    this.rollbacks += 1
    this.history.push('rolled-back')
  }

  async finish(): Promise<void> {
    await this.#carryOut(['finish', 'web', ...flags], () => this.#stage() === null)
    const { serving, idle, version } = this.#pair
    this.#pair = { serving: idle, idle: serving, version: version === 'v1' ? 'v2' : 'v1' }
    this.history.push('finished')
  }

  /** In sentences what is left over; what is on its way out may take its time. */
  async leftOver(): Promise<string[]> {
    let found: string[] = []
    const look = async (): Promise<boolean> => {
      const expected = { ...this.#pair, instances: this.#instances, max: this.#max, history: this.history }
      found = leftOver(await this.#service.ending(), keysIn(this.#service), expected)
      return found.length === 0
    }
    await until(look, restLimitMs, 'nothing is left over').catch(() => undefined)
    return found
  }

  /** @throws {Error} where it does not get there. */
  async #carryOut(args: readonly string[], done: () => boolean): Promise<void> {
    const said: string[] = []
    for (let attempt = 0; attempt < tries && !done(); attempt += 1) {
      const given = attempt % 2 === 0 ? args : ['resume', 'web', ...flags]
      const ended = await this.#disturber.run(given)
      said.push(`${given.join(' ')} ended with ${ended.code ?? ended.signal}: ${explain(ended)}`)
    }
    if (!done()) throw new Error(`${args.join(' ')} did not get there in ${tries} tries.\n${said.join('\n')}`)
  }

  /** Of the open deployment; null where none is. */
  #stage(): string | null {
    const body = this.#service.cloud.objects.get(bucket, 'store/web/deployment.json')?.body
    if (body === undefined) return null
    const record = recordSchema.parse(JSON.parse(Buffer.from(body).toString()))
    return record.lease === null ? (record.deployment?.stage ?? null) : 'at work'
  }
}
