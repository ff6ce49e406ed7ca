import { backoff } from './decide/backoff.ts'
import type { Clock } from './clock.ts'
import { errorText } from './failure.ts'
import type { Log } from './log.ts'
import { saveState, type SavedState } from './state.ts'

const retry = { baseMs: 1_000, capMs: 60_000 }

/**
 * Keeps the newest state on disk: one write at a time, and again until the disk takes it. A disk that fails or hangs
 * takes nothing from what runs.
 */
export class StateKeeper {
  readonly #parts: { clock: Clock; random: () => number; log: Log; stateDirectory: string }
  #next: SavedState | null = null
  #writing: Promise<void> | null = null
  readonly #stop = new AbortController()

  constructor(parts: { clock: Clock; random: () => number; log: Log; stateDirectory: string }) {
    this.#parts = parts
  }

  keep(state: SavedState): void {
    this.#next = state
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null
    })
  }

  /** Ends when what was kept is on disk, or was refused once more. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#writing
  }

  async #write(): Promise<void> {
    const { clock, random, log, stateDirectory } = this.#parts
    let failures = 0
    while (this.#next !== null) {
      const state = this.#next
      this.#next = null
      try {
        await saveState(stateDirectory, state)
        failures = 0
      } catch (error) {
        failures += 1
        if (failures === 1) log.warn(`The state was not saved and will be tried again: ${errorText(error)}`)
        if (this.#stop.signal.aborted) return
        this.#next ??= state
        await clock.sleep(backoff(failures, retry, random()), this.#stop.signal)
      }
    }
  }
}
