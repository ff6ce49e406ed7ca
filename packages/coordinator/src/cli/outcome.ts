import { refusalOf } from '../aws/errors.ts'
import { Refusal } from '../events.ts'
import type { ResultEvent } from '../events.ts'

/** How a thrown error ends a command. `stack` is set for a bug alone. */
export type Ending = Readonly<{ result: ResultEvent; stack: string | null }>

/** @param doing what the command was about, as in "while publishing" */
export function endingOf(error: unknown, doing: string, at: number): Ending {
  const refusal = refusalOf(error, doing)
  if (refusal) return { result: resultOf(refusal, at), stack: null }
  const cause = error instanceof Error ? error : new Error(String(error))
  const bug = new Refusal(1, 'failed', `${trimmed(cause.message)}. This is a bug in Switchover.`)
  return { result: resultOf(bug, at), stack: cause.stack ?? null }
}

function resultOf({ exitCode, outcome, message, next }: Refusal, at: number): ResultEvent {
  return { event: 'result', at, text: message, outcome, exitCode, next, details: {} }
}

function trimmed(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/\.$/, '')
}
