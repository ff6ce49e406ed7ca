import type { Socket } from 'node:net'
import type { Clock } from '../clock.ts'
import { turnedAway, type Guest } from '../decide/crowd.ts'
import type { Counters } from '../metrics/counters.ts'

const limits = { total: 256, perAddress: 32 }
/** Longer than the longest answer takes; nobody's connection outlives it, however slowly it reads. */
const stayMs = 10_000

/** Who is connected. Keeps their number and their time bounded without ever shutting a newcomer out. */
export class Guests {
  readonly #clock: Clock
  readonly #counters: Counters
  readonly #guests = new Map<Socket, Guest & { socket: Socket }>()

  constructor(clock: Clock, counters: Counters) {
    this.#clock = clock
    this.#counters = counters
  }

  admit(socket: Socket): void {
    const address = socket.remoteAddress
    // It has left already.
    if (address === undefined) return void socket.destroy()
    const away = turnedAway([...this.#guests.values()], address, limits)
    if (away) this.#end(away.socket)
    this.#guests.set(socket, { socket, address, since: this.#clock.now(), asked: false })
    socket.once('close', () => this.#guests.delete(socket))
  }

  /** Notes that a request has come whole. */
  asked(socket: Socket): void {
    const guest = this.#guests.get(socket)
    if (guest) guest.asked = true
  }

  /** Ends what has stayed too long. */
  sweep(): void {
    const now = this.#clock.now()
    for (const { socket, since } of this.#guests.values()) if (now - since > stayMs) this.#end(socket)
  }

  #end(socket: Socket): void {
    this.#guests.delete(socket)
    this.#counters.add('switchover_agent_http_turned_away_total')
    socket.destroy()
  }
}
