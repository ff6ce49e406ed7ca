import { goesForward } from '@switchover/contract/deployment'
import type { World } from '../decide/world.ts'
import { canAsk } from './confirm.ts'
import type { Host } from './host.ts'
import type { Interrupt } from './interrupt.ts'
import { readKeys } from './keys.ts'

type Options = Readonly<{
  service: string
  /** Whether the command knows how to roll back. */
  backwards: boolean
  /** Shows the question, or takes it away. */
  ask: (lines: readonly string[]) => void
  say: (sentence: string) => void
}>

/**
 * What Ctrl-C does to a run that holds a lease. On a terminal it asks, and the work goes on until there is an answer;
 * elsewhere, at the second Ctrl-C, and before anything was looked at, it stops.
 */
export class StopQuestion {
  /** Whether the deployment is to be rolled back once the work has stopped. */
  back = false
  readonly #host: Host
  readonly #options: Options
  readonly #interrupt: Interrupt
  #deployment: World['deployment'] | null = null
  /** Ends the reading of keys; null while nothing is asked. */
  #unread: (() => void) | null = null

  constructor(host: Host, options: Options) {
    this.#host = host
    this.#options = options
    const interrupt = host.interrupt
    this.#interrupt = interrupt
    interrupt.lastWords = `Stopped at once.\nNext: switchover status ${options.service}\n`
    interrupt.onCtrlC = () => this.#take()
  }

  /** The deployment as last looked at: what can be asked depends on it. */
  look({ deployment }: Pick<World, 'deployment'>): void {
    this.#deployment = deployment
    this.#interrupt.lastWords = `Stopped at once; the record says how far it went.\nNext: switchover resume ${this.#options.service}\n`
    if (this.#unread !== null) this.#options.ask(this.#lines())
  }

  close(): void {
    this.#interrupt.onCtrlC = null
    this.#endQuestion()
  }

  #take(): boolean {
    if (this.#interrupt.signal.aborted) return false
    if (this.#deployment === null || this.#unread !== null || !canAsk(this.#host)) {
      this.#answer('stop')
      return true
    }
    this.#unread = readKeys(this.#host, (key) => this.#onKey(key))
    this.#options.ask(this.#lines())
    return true
  }

  #onKey(key: string): void {
    if (['s', '^c', '^d'].includes(key)) this.#answer('stop')
    else if (key === 'b' && this.#canGoBack()) this.#answer('back')
    else if (key === 'g' || key === 'escape') this.#endQuestion()
  }

  #answer(answer: 'stop' | 'back'): void {
    this.#endQuestion()
    this.back = answer === 'back'
    const then = this.back ? ', then rolling back' : '; Ctrl-C once more stops at once'
    this.#options.say(`Stopping when the call in flight has ended${then}.`)
    this.#interrupt.stop()
  }

  #endQuestion(): void {
    if (this.#unread === null) return
    this.#unread()
    this.#unread = null
    this.#options.ask([])
  }

  #canGoBack(): boolean {
    return this.#options.backwards && this.#deployment !== null && goesForward(this.#deployment.goal)
  }

  #lines(): string[] {
    const before = this.#deployment?.previousVersion ?? 'what was before'
    return [
      'Stop? It goes on until you choose.',
      `  s  stop here; switchover resume ${this.#options.service} goes on, from any machine`,
      ...(this.#canGoBack() ? [`  b  roll back to ${before}`] : []),
      '  g  go on',
    ]
  }
}
