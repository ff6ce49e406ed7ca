import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Answer, Order } from './job.ts'

const job = fileURLToPath(new URL('job.ts', import.meta.url))

/** Longer than two commands may take that hang. */
const orderLimitMs = 400_000

type Waiting = { child: ChildProcess; resolve: (answer: Answer) => void }

/** Processes that run orders, one a processor; `atOnce` orders are under way in all of them together. */
export class Pool implements Disposable {
  readonly #children: readonly ChildProcess[]
  readonly #waiting = new Map<number, Waiting>()
  readonly #atOnce: number
  #last = 0

  constructor(atOnce: number) {
    this.#atOnce = atOnce
    const count = Math.min(atOnce, availableParallelism())
    this.#children = Array.from({ length: count }, () => this.#fork())
  }

  #fork(): ChildProcess {
    const child = fork(job, { serialization: 'advanced' })
    child.on('message', (answer: Answer) => this.#settle(answer))
    child.on('exit', (code, signal) => {
      for (const [id, waiting] of this.#waiting)
        if (waiting.child === child)
          this.#settle({ id, failed: `The process it ran in ended with ${code ?? signal}.` })
    })
    return child
  }

  #settle(answer: Answer): void {
    this.#waiting.get(answer.id)?.resolve(answer)
    this.#waiting.delete(answer.id)
  }

  /** Runs the orders in turn, begins none once `stop` is aborted, and tells of each answer as it comes. */
  async run<T extends Omit<Order, 'id'>>(
    orders: readonly T[],
    stop: AbortSignal,
    onAnswer: (order: T, answer: Answer) => void,
  ): Promise<void> {
    const left = [...orders]
    const lane = async (number: number): Promise<void> => {
      while (!stop.aborted) {
        const order = left.shift()
        if (!order) return
        onAnswer(order, await this.#send(order, number))
      }
    }
    await Promise.all(Array.from({ length: this.#atOnce }, (_, number) => lane(number)))
  }

  #send({ command, kill }: Omit<Order, 'id'>, lane: number): Promise<Answer> {
    const child = this.#children[lane % this.#children.length]
    const id = ++this.#last
    return new Promise((resolve) => {
      if (!child?.connected) return resolve({ id, failed: 'The process it was to run in has ended.' })
      const timer = setTimeout(
        () => this.#settle({ id, failed: `It had not ended after ${orderLimitMs / 1_000} s.` }),
        orderLimitMs,
      )
      const settled = (answer: Answer): void => {
        clearTimeout(timer)
        resolve(answer)
      }
      this.#waiting.set(id, { child, resolve: settled })
      child.send({ id, command, kill } satisfies Order)
    })
  }

  /** Ends the processes, and the coordinators they started. */
  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill('SIGTERM')
  }
}
