import { execa } from 'execa'
import type { Clock } from './clock.ts'
import type { EntryWriter, Fields } from './log.ts'

const programMs = 5_000

/**
 * Entries with fields of their own, one after the other, by logger(1): the journal takes them on a Unix datagram socket,
 * which Node does not have. For few entries only: each is a process.
 * @param unitPid a process of the unit they are to be found under: logger itself has often ended before the journal asks
 */
export function journalEntries(options: {
  path: string
  identifier: string
  unitPid: number
  clock: Clock
}): EntryWriter {
  const { path, identifier, unitPid, clock } = options
  let last: Promise<boolean> = Promise.resolve(true)

  async function write(text: string, fields: Fields): Promise<boolean> {
    const rows = Object.entries({
      MESSAGE: text,
      PRIORITY: '6',
      SYSLOG_IDENTIFIER: identifier,
      OBJECT_PID: String(unitPid),
      ...fields,
    })
    try {
      await execa('logger', ['--journald'], {
        input: rows.map(([name, value]) => `${name}=${value.replaceAll('\n', ' ')}\n`).join(''),
        env: { PATH: path },
        extendEnv: false,
        timeout: programMs,
      })
      return true
    } catch {
      return false
    }
  }

  return (text, fields) => {
    // Starting a process takes milliseconds; what the agent does next goes first.
    last = last.then(() => clock.sleep(0)).then(() => write(text, fields))
    return last
  }
}
