import { styleText } from 'node:util'
import { eraseLines } from 'ansi-escapes'
import { createLogUpdate } from 'log-update'
import type { Clock } from '../clock.ts'
import type { Event } from '../events.ts'
import { widthOf, type Line, type Signs } from './view/line.ts'
import type { Sight } from './view/sight.ts'
import { view } from './view/view.ts'

type Terminal = NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number }

type Options = Readonly<{
  stream: Terminal
  clock: Clock
  colour: boolean
  signs: Signs
  /** What Ctrl-C does. */
  hint: string
}>

/** Elapsed times are drawn again so often. Milliseconds. */
const tickMs = 1_000

/** A live view at the end of what a terminal shows; what is said besides scrolls away above it. */
export class Screen {
  readonly #options: Options
  readonly #log: ReturnType<typeof createLogUpdate>
  readonly #closed = new AbortController()
  readonly #ticking: Promise<void>
  #shown: Readonly<{ sight: Sight; at: number; paceMs: number }> | null = null
  #waitingFor: string | null = null
  #question: readonly string[] = []
  /** Widths of the lines that are drawn. */
  #widths: number[] = []
  readonly #onResize = () => this.#resized()

  constructor(options: Options) {
    this.#options = options
    this.#log = createLogUpdate(options.stream)
    options.stream.on('resize', this.#onResize)
    this.#ticking = this.#tick()
  }

  /**
   * Draws what a look found.
   * @param paceMs until the next look
   * @param waitingFor as the event of the same wait has it
   */
  show(sight: Sight, paceMs: number, waitingFor: string | null): void {
    this.#shown = { sight, at: this.#options.clock.now(), paceMs }
    this.#waitingFor = waitingFor
    this.#render()
  }

  /** Whether the view tells it, so that no line need. */
  shows(event: Event): boolean {
    return event.event === 'wait' && this.#shown !== null && event.waitingFor === this.#waitingFor
  }

  /** Lines that stay, unbroken: the terminal wraps them, and a digest can be copied whole. */
  say(text: string): void {
    this.#log.clear()
    this.#options.stream.write(`${text.replace(/\n$/, '')}\n`)
    this.#render()
  }

  /** Lines of a question at the end of the view; none where nothing is asked. */
  ask(question: readonly string[]): void {
    this.#question = question
    this.#render()
  }

  /** Leaves the terminal to what comes next. */
  async close(): Promise<void> {
    this.#closed.abort()
    this.#options.stream.off('resize', this.#onResize)
    this.#shown = null
    this.#log.clear()
    this.#log.done()
    await this.#ticking
  }

  async #tick(): Promise<void> {
    const { clock } = this.#options
    while (!this.#closed.signal.aborted) {
      await clock.sleep(tickMs, this.#closed.signal)
      this.#render()
    }
  }

  /** A terminal that became narrower has broken lines in two, which the renderer does not know of. */
  #resized(): void {
    const { stream } = this.#options
    const { columns = 80 } = stream
    const rows = this.#widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0)
    if (rows > this.#widths.length) {
      stream.write(eraseLines(rows + 1))
      this.#log.done()
    }
    this.#render()
  }

  #render(): void {
    if (this.#shown === null) return
    const { stream, clock, signs, hint } = this.#options
    const { sight, at, paceMs } = this.#shown
    const { columns = 80, rows = 24 } = stream
    const lines = view(sight, {
      width: columns,
      // Something of what was said before stays in sight.
      height: rows - Math.max(1, Math.min(8, Math.floor(rows / 3))),
      signs,
      age: clock.now() - at,
      pace: paceMs,
      question: this.#question,
      hint,
    })
    this.#widths = lines.map(widthOf)
    this.#log(lines.map((line) => this.#paint(line)).join('\n'))
  }

  #paint(line: Line): string {
    if (!this.#options.colour) return line.map(({ text }) => text).join('')
    return line
      .map(({ text, style }) =>
        style === undefined ? text : styleText(style, text, { validateStream: false }),
      )
      .join('')
  }
}
