import type { Ports } from './ports.ts'

export type Notifier = {
  /** Sends a line on its way; never waits, never throws. */
  send(text: string): void
  /** Resolves when all lines were taken or given up: at most `limitMs` after the last one. */
  settled(): Promise<void>
}

const limitMs = 5_000

/** Posts to a Slack-compatible webhook. Its URL is a secret of its own, so no warning repeats it. */
export function createNotifier({ clock, emit }: Pick<Ports, 'clock' | 'emit'>, url: string | null): Notifier {
  if (url === null) return { send() {}, settled: async () => {} }
  let pending: Promise<unknown> = Promise.resolve()
  const warn = (problem: string) => {
    emit({ event: 'warning', at: clock.now(), text: `A notification was not delivered: ${problem}.` })
  }

  async function post(text: string): Promise<void> {
    const over = new AbortController()
    const done = new AbortController()
    const limit = clock.sleep(limitMs, done.signal).then(() => over.abort())
    try {
      const response = await fetch(url as string, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text }),
        signal: over.signal,
      })
      await response.body?.cancel()
      if (!response.ok) warn(`the webhook answered ${response.status}`)
    } catch {
      warn(over.signal.aborted ? 'the webhook did not answer in time' : 'the webhook cannot be reached')
    } finally {
      done.abort()
      await limit
    }
  }

  return {
    send(text) {
      // One after the other would let a slow webhook hold up the end of a command.
      pending = Promise.all([pending, post(text)])
    },
    async settled() {
      await pending
    },
  }
}
