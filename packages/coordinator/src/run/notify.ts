import type { Ports } from './ports.ts'

/** What people outside want to hear of. A new moment is a word here and a `send` where it happens. */
export type Moment =
  | 'start'
  | 'promote'
  | 'switch'
  | 'failure'
  | 'finish-begins'
  | 'done'
  | 'rolled-back'
  | 'failed'
  | 'held'
  | 'interrupted'
  | 'refused'
  | 'locked'
  | 'bug'

/** What programs read beside the text; Slack keeps it as the message's metadata. */
export type Facts = Readonly<Record<string, string | number | boolean | null>>

export type Notifier = {
  /** Sends a line on its way; never waits, never throws. */
  send(moment: Moment, text: string): void
  /** Resolves when all lines were taken or given up: at most `limitMs` after the last one. */
  settled(): Promise<void>
}

const limitMs = 5_000

/** Slack recommends 4,000 characters at most and cuts off what is longer than 40,000 (docs.slack.dev, chat.postMessage). */
const textLimit = 3_000

/**
 * Posts to a Slack-compatible webhook. Its URL is a secret of its own, so no warning repeats it.
 * @param facts go with every line, as they are when it is sent
 */
export function createNotifier(
  { clock, emit }: Pick<Ports, 'clock' | 'emit'>,
  url: string | null,
  facts: () => Facts,
): Notifier {
  if (url === null) return { send() {}, settled: async () => {} }
  let pending: Promise<unknown> = Promise.resolve()
  const warn = (problem: string) => {
    emit({ event: 'warning', at: clock.now(), text: `A notification was not delivered: ${problem}.` })
  }

  async function post(body: string): Promise<void> {
    const over = new AbortController()
    const done = new AbortController()
    const limit = clock.sleep(limitMs, done.signal).then(() => over.abort())
    try {
      const response = await fetch(url as string, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        // Whoever redirects is not the webhook that was trusted with the text.
        redirect: 'manual',
        signal: over.signal,
      })
      if (!response.ok) warn(`the webhook answered ${response.status}`)
      // What it has to say is of no interest, however much it is.
      await response.body?.cancel()
    } catch {
      warn(over.signal.aborted ? 'the webhook did not answer in time' : 'the webhook cannot be reached')
    } finally {
      done.abort()
      await limit
    }
  }

  return {
    send(moment, text) {
      // One after the other would let a slow webhook hold up the end of a command.
      pending = Promise.all([pending, post(JSON.stringify(payload(moment, text, facts())))])
    },
    async settled() {
      await pending
    },
  }
}

/** `text` is all that Slack shows; its metadata take no null (docs.slack.dev, message metadata). */
function payload(moment: Moment, text: string, facts: Facts): object {
  const told = Object.entries(facts).filter(([, value]) => value !== null)
  return {
    text: escaped(text.length > textLimit ? `${text.slice(0, textLimit)}…` : text),
    metadata: {
      event_type: `switchover_${moment.replaceAll('-', '_')}`,
      event_payload: Object.fromEntries(told),
    },
  }
}

/** Slack's three control characters: a log line must not call a whole channel (docs.slack.dev, formatting message text). */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
