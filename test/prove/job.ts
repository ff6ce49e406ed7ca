import { endRunning } from '../support/coordinator.ts'
import { survived, undisturbed, type Survived, type Undisturbed } from './killed.ts'
import type { Kill } from './place.ts'

/** A process of its own with local AWS servers in it: it runs what its parent sends it, and answers by number. */

export type Order = Readonly<{ id: number; command: string; kill: Kill | null }>
export type Answer = Readonly<{ id: number }> &
  ({ undisturbed: Undisturbed } | { survived: Survived } | { failed: string })

async function answer({ id, command, kill }: Order): Promise<Answer> {
  try {
    return kill
      ? { id, survived: await survived(command, kill) }
      : { id, undisturbed: await undisturbed(command) }
  } catch (error) {
    return { id, failed: (error as Error).message }
  }
}

process.on('message', (order: Order) => {
  void answer(order).then((answered) => process.connected && process.send?.(answered))
})

/** Its parent is gone or wants no more: nobody needs what is under way. */
function leave(): void {
  endRunning()
  process.exit(0)
}

process.on('disconnect', leave).on('SIGTERM', leave)
// From a terminal it comes to all at once: the parent says what becomes of it.
process.on('SIGINT', () => undefined)
