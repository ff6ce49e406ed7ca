import { systemClock } from '@switchover/coordinator/clock'
import { Faults } from '../simulation/faults.ts'
import { faultKinds, type Fault, type FaultKind } from '../simulation/plan.ts'
import { type Ended, type Running, start } from '../support/coordinator.ts'
import type { LiveService } from '../support/live-service.ts'

/** Where AWS's steps take milliseconds, a stale answer, 8 s old, would be one of another deployment. */
const kinds = faultKinds.filter((kind) => kind !== 'stale')

/** From one fault to the next, in calls: at least, and so many more at most. */
const gap = { least: 10, more: 80 }
/** A delay or a late effect. Milliseconds. */
const lateness = { least: 50, more: 500 }
/** One command in so many is killed, at any of its first calls. */
const killedOneIn = 8
const killedWithin = 110

/** A command that hangs is ended. */
const commandLimitMs = 120_000

export type Disturbances = { kills: number; faults: Map<FaultKind, number>; calls: number }

/** What befalls the coordinators of one service, drawn from `random`. */
export class Disturber {
  readonly #service: LiveService
  readonly #random: () => number
  readonly #faults: Faults
  readonly seen: Disturbances = { kills: 0, faults: new Map(), calls: 0 }

  constructor(service: LiveService, random: () => number, faults: readonly Fault[]) {
    this.#service = service
    this.#random = random
    this.#faults = new Faults(faults, systemClock)
  }

  /** Runs one command, which may be killed on the way. */
  async run(args: readonly string[]): Promise<Ended> {
    const killAt = this.#random() < 1 / killedOneIn ? 1 + Math.floor(this.#random() * killedWithin) : null
    const before = this.#random() < 0.5
    let [calls, dead] = [0, false]
    let victim: Running | null = null
    this.#service.intercept(async (call, proceed, request) => {
      if (dead) return null
      calls += 1
      this.seen.calls += 1
      if (calls === killAt) {
        dead = true
        this.seen.kills += 1
        if (!before) await proceed()
        victim?.process.kill('SIGKILL')
        return null
      }
      const { response, fault } = await this.#faults.answer(call, proceed, request)
      if (fault !== null) this.seen.faults.set(fault, (this.seen.faults.get(fault) ?? 0) + 1)
      return response
    })
    victim = start(args, this.#service.env)
    const timer = setTimeout(() => victim?.process.kill('SIGKILL'), commandLimitMs)
    const ended = await victim.ended
    clearTimeout(timer)
    this.#service.intercept(null)
    return ended
  }
}

export function drawFaults(random: () => number, calls: number): Fault[] {
  const faults: Fault[] = []
  const draw = ({ least, more }: typeof gap) => least + Math.floor(random() * (more + 1))
  for (let call = draw(gap); call < calls; call += draw(gap)) {
    const kind = kinds[Math.floor(random() * kinds.length)] ?? 'throttle'
    faults.push({ call, times: 1, kind, ms: draw(lateness) })
  }
  return faults
}
