/** Of each thing that is left behind, why; the cause is what went wrong before, where something did. */
export class NotRemoved extends AggregateError {
  override readonly name = 'NotRemoved'
  constructor(errors: readonly Error[]) {
    const reasons = errors.map(({ message }) => message.replace(/\.$/, ''))
    super(errors, `Not everything could be removed: ${reasons.join('; ')}.`)
  }
}

/** What has to be undone, last things first. One failure does not keep the rest from being undone. */
export class CleanUp {
  readonly #tasks: (() => Promise<void>)[] = []
  #running: Promise<void> | null = null

  add(task: () => Promise<void>): void {
    this.#tasks.unshift(task)
  }

  /** @throws {NotRemoved} after everything has been tried. */
  run(): Promise<void> {
    this.#running ??= this.#run()
    return this.#running
  }

  async #run(): Promise<void> {
    const errors: Error[] = []
    for (const task of this.#tasks)
      await task().catch((error: unknown) => {
        errors.push(error as Error)
      })
    if (errors.length > 0) throw new NotRemoved(errors)
  }
}

/**
 * Undoes everything after `error`, which it throws again.
 * @throws {NotRemoved} with `error` as its cause, where something is left behind.
 */
export async function undoAfter(error: unknown, undo: () => Promise<void>): Promise<never> {
  try {
    await undo()
  } catch (left) {
    if (left instanceof NotRemoved) left.cause = error
    throw left
  }
  throw error
}
