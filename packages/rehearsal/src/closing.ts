/** What has to be ended, last things first; one that fails does not keep the rest from being ended. */
export class Closing {
  readonly #tasks: (() => Promise<unknown>)[] = []
  #running: Promise<void> | null = null

  add(task: () => Promise<unknown>): void {
    this.#tasks.unshift(task)
  }

  /**
   * Safe to repeat.
   * @throws {AggregateError} after everything has been tried.
   */
  run(): Promise<void> {
    this.#running ??= this.#run()
    return this.#running
  }

  async #run(): Promise<void> {
    const errors: unknown[] = []
    for (const task of this.#tasks) {
      await task().catch((error: unknown) => errors.push(error))
    }
    if (errors.length > 0)
      throw new AggregateError(errors, 'Not everything the rehearsal started could be ended.')
  }
}
