/** How a run is stopped from outside. */
export class Interrupt {
  /** Asked first at Ctrl-C; true where it took it. */
  onCtrlC: (() => boolean) | null = null
  /** Printed where the process is ended at once, by a signal after the one that stopped it. */
  lastWords = ''
  #stop = new AbortController()

  /** Aborted when the work is to stop in good order: by SIGTERM, and by a Ctrl-C that nobody took. */
  get signal(): AbortSignal {
    return this.#stop.signal
  }

  stop(): void {
    this.#stop.abort()
  }

  /** For work that begins after other work was stopped: `signal` is another from then on. */
  renew(): void {
    this.#stop = new AbortController()
  }
}
