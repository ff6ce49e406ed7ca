import { createInterface } from 'node:readline/promises'
import { Refusal } from '../events.ts'
import type { Host } from './host.ts'

/** Whether a person can be asked. */
export function canAsk({ stdin, stderr }: Pick<Host, 'stdin' | 'stderr'>): boolean {
  return stdin.isTTY === true && stderr.isTTY === true
}

/**
 * Asks y/N on the terminal.
 * @throws {Refusal} exit 2 where the answer is no, 130 at Ctrl-C.
 */
export async function confirm(
  host: Pick<Host, 'stdin' | 'stderr' | 'interrupt'>,
  question: string,
): Promise<void> {
  const lines = createInterface({ input: host.stdin, output: host.stderr })
  const stop = new AbortController()
  lines.once('SIGINT', () => stop.abort())
  try {
    const signal = AbortSignal.any([stop.signal, host.interrupt.signal])
    const answer = await lines.question(`${question} [y/N] `, { signal })
    if (!/^y(es)?$/i.test(answer.trim())) throw new Refusal(2, 'refused', 'Nothing was changed.')
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(130, 'interrupted', 'Interrupted before anything was changed.', null, error)
  } finally {
    lines.close()
  }
}
