import type { Writable } from 'node:stream'
import { redactLines } from './redact.ts'

/** Fields of a journal entry beside its message, by their names in the journal: `SWITCHOVER_PHASE`. */
export type Fields = Readonly<Record<string, string>>

export type Log = {
  /** With fields the text, one line, becomes an entry of its own. */
  info(text: string, fields?: Fields): void
  warn(text: string): void
  error(text: string): void
}

/** Writes an entry with fields; false where that cannot be done here. */
export type EntryWriter = (text: string, fields: Fields) => Promise<boolean>

const priority = { info: 6, warn: 4, error: 3 }

/**
 * Lines for the journal, each with its priority as sd-daemon(3) writes it. What has fields goes through `entries`; where
 * that fails, or there is none, it is a line like the others.
 */
export function journalLog(out: Writable, entries: EntryWriter | null = null): Log {
  const write = (level: keyof typeof priority, text: string) => {
    for (const line of redactLines(text.split('\n'))) out.write(`<${priority[level]}>${line}\n`)
  }
  const enter = async (text: string, fields: Fields) => {
    const written = entries !== null && (await entries(redactLines([text]).join(' '), fields))
    if (!written) write('info', text)
  }
  return {
    info: (text, fields) => (fields === undefined ? write('info', text) : void enter(text, fields)),
    warn: (text) => write('warn', text),
    error: (text) => write('error', text),
  }
}
