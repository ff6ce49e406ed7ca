import type { Writable } from 'node:stream'
import { redactLines } from './redact.ts'

/** Lines for the journal, each with its priority as sd-daemon(3) writes it. */
export type Log = { info(text: string): void; warn(text: string): void; error(text: string): void }

export function journalLog(out: Writable): Log {
  const write = (priority: number) => (text: string) => {
    for (const line of redactLines(text.split('\n'))) out.write(`<${priority}>${line}\n`)
  }
  return { info: write(6), warn: write(4), error: write(3) }
}
