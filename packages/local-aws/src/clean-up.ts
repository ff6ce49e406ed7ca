/** What has to be undone, last things first. One failure does not keep the rest from being undone. */
export class CleanUp {
  readonly #tasks: (() => Promise<void>)[] = []
  #running: Promise<void> | null = null

  add(task: () => Promise<void>): void {
    this.#tasks.unshift(task)
  }

  /** @throws {AggregateError} after everything has been tried. */
  run(): Promise<void> {
    this.#running ??= this.#run()
    return this.#running
  }

  async #run(): Promise<void> {
    const errors: unknown[] = []
    for (const task of this.#tasks)
      await task().catch((error: unknown) => {
        errors.push(error)
      })
    if (errors.length > 0) throw new AggregateError(errors, 'Not everything could be removed.')
  }
}
