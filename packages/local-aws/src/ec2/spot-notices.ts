import type { Cancel, Clock } from '../clock.ts'

/** What a Spot instance is told at spot/instance-action; `at` in milliseconds since the epoch. */
export type SpotInterruption = Readonly<{ action: 'terminate' | 'stop' | 'hibernate'; at: number }>
export type SpotNotices = Readonly<{
  interruption: SpotInterruption | null
  /** When it was recommended to replace the instance, null where it was not. */
  rebalanceAt: number | null
}>

const none: SpotNotices = { interruption: null, rebalanceAt: null }

/** EC2's notices to Spot instances. They are sent by hand: no Spot market is modelled. */
export class SpotMarket {
  readonly #clock: Pick<Clock, 'now' | 'after'>
  readonly #take: (id: string) => void
  readonly #notices = new Map<string, SpotNotices>()
  readonly #moments = new Map<string, Cancel>()

  /** @param take ends an instance as EC2 does when it takes it back */
  constructor(clock: Pick<Clock, 'now' | 'after'>, take: (id: string) => void) {
    this.#clock = clock
    this.#take = take
  }

  notices(id: string): SpotNotices {
    return this.#notices.get(id) ?? none
  }

  /**
   * Sends an interruption notice, `aheadMs` before its moment: two minutes, as EC2 does (UG spot-instance-termination-notices).
   * `terminate` is carried out then; `stop` and `hibernate` are announced alone, for groups have no Spot instance that stops.
   */
  interrupt(id: string, action: SpotInterruption['action'] = 'terminate', aheadMs = 120_000): void {
    this.takeBack(id)
    const at = this.#clock.now() + aheadMs
    this.#notices.set(id, { ...this.notices(id), interruption: { action, at } })
    if (action !== 'terminate') return
    this.#moments.set(
      id,
      this.#clock.after(aheadMs, () => this.#take(id)),
    )
  }

  /** Takes an interruption notice back: what it announced does not happen. */
  takeBack(id: string): void {
    this.#moments.get(id)?.()
    this.#moments.delete(id)
    this.#notices.set(id, { ...this.notices(id), interruption: null })
  }

  /** Of an instance that is not listed any more. */
  forget(id: string): void {
    this.#moments.get(id)?.()
    this.#moments.delete(id)
    this.#notices.delete(id)
  }

  /** Recommends to replace an instance (UG rebalance-recommendations). */
  recommendRebalance(id: string): void {
    this.#notices.set(id, { ...this.notices(id), rebalanceAt: this.#clock.now() })
  }
}
