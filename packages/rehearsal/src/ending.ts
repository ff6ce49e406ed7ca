import { CommanderError } from 'commander'
import { NotRemoved } from '@switchover/local-aws/clean-up'
import { CannotBeLike } from './like/likeness.ts'
import { HostLacks } from './scene.ts'

/** What a rehearsal that did not come to its end says, and its exit code. What was left behind comes after what went wrong. */
export function endingOf(thrown: unknown, interrupted: boolean): { lines: string[]; exitCode: number } {
  if (thrown instanceof NotRemoved && thrown.cause !== undefined) {
    const { lines, exitCode } = endingOf(thrown.cause, false)
    return interrupted
      ? { lines: ['Interrupted.', thrown.message], exitCode: 1 }
      : { lines: [...lines, thrown.message], exitCode }
  }
  if (thrown instanceof CommanderError) return { lines: [], exitCode: thrown.exitCode === 0 ? 0 : 2 }
  if (interrupted && !(thrown instanceof NotRemoved))
    return { lines: ['Interrupted: everything it started was ended.'], exitCode: 130 }
  const { message } = thrown as Error
  return thrown instanceof CannotBeLike || thrown instanceof HostLacks
    ? { lines: [message], exitCode: 2 }
    : { lines: [`The rehearsal failed: ${message}`], exitCode: 1 }
}
