import { Agent, request } from 'node:http'

/** What one request brought: `code` null where no answer came. */
export type Answer = {
  /** When it was sent and when its end had come, milliseconds since the epoch. */
  sentAt: number
  at: number
  code: number | null
  body: string
}

/** How long an answer may take, as a load balancer waits by default (ELBv2, HealthCheckTimeoutSeconds); the pause after it. */
export type Pace = { limitMs?: number; everyMs?: number }

/** Asks over a connection of its own, as a health check does. */
export function ask(url: string, { limitMs = 5_000 }: Pace = {}): Promise<Answer> {
  const sentAt = Date.now()
  const agent = new Agent({ keepAlive: false })
  return new Promise((resolve) => {
    const end = (code: number | null, body: string): void => resolve({ sentAt, at: Date.now(), code, body })
    const outgoing = request(url, { agent, signal: AbortSignal.timeout(limitMs) }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.on('end', () => end(response.statusCode ?? null, body))
      response.on('error', (error) => end(null, error.message))
    })
    outgoing.on('error', (error) => end(null, error.message))
    outgoing.end()
  })
}

export type Watch = { readonly answers: readonly Answer[]; stop(): Promise<readonly Answer[]> }

/** Asks again and again, one request at a time, until stopped; keeps every answer. */
export function watch(url: string, pace: Pace = {}): Watch {
  const answers: Answer[] = []
  const stop = new AbortController()
  const looping = (async () => {
    while (!stop.signal.aborted) {
      answers.push(await ask(url, pace))
      await new Promise((resolve) => setTimeout(resolve, pace.everyMs ?? 100))
    }
  })()
  return {
    answers,
    stop: async () => {
      stop.abort()
      await looping
      return answers
    },
  }
}
