import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { until } from '../../support/until.ts'

/** A step that a coordinator announced; `at` in milliseconds of `performance.now()` of this process. */
export type Announced = Readonly<{ at: number; step: string }>

const limitMs = 3 * 60_000

/** A coordinator whose steps are heard while it runs. */
export class Talking implements AsyncDisposable {
  readonly steps: Announced[] = []
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>

  /** @param cli the coordinator as it ships */
  constructor(cli: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, [cli, ...args, '--yes', '--json'], {
      env: { ...env, PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const { stdout, stderr } = this.#child
    if (!stdout || !stderr) throw new Error('The coordinator was started without its pipes.')
    const errors = text(stderr)
    createInterface({ input: stdout }).on('line', (line) => {
      const event = JSON.parse(line) as { event: string; at: number; step?: string }
      // Both clocks are this machine's: the moment it was decided, not when the line came through the pipe.
      if (event.event === 'step')
        this.steps.push({ at: event.at - performance.timeOrigin, step: event.step ?? '' })
    })
    this.#ended = this.#end(errors)
  }

  /**
   * The first step announced after `at`, of the kind asked for where one is.
   * @throws {Error} where none comes in three minutes
   */
  async stepAfter(at: number, kind?: string): Promise<Announced> {
    const found = () => this.steps.find((step) => step.at >= at && (kind === undefined || step.step === kind))
    await until(() => found() !== undefined, limitMs, `the coordinator announces ${kind ?? 'a step'}`)
    const step = found()
    if (!step) throw new Error('A step that was announced is gone.')
    return step
  }

  async #end(errors: Promise<string>): Promise<number | null> {
    const [code] = (await once(this.#child, 'close')) as [number | null]
    process.stderr.write(await errors)
    return code
  }

  /** Its exit code. */
  async ended(): Promise<number | null> {
    return this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}
