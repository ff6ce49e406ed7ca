import { Agent, request } from 'node:http'

/** What one request brought: `code` null where no answer came. */
export type Answer = {
  /** When it was sent and when its end had come, milliseconds since the epoch. */
  sentAt: number
  at: number
  code: number | null
  body: string
}

/** What takes so long hangs. A load balancer waits 5 s by default; how soon an agent answers is measured elsewhere, not here. */
const limitMs = 30_000

/** Asks over a connection of its own, as a health check does. */
export function ask(url: string, calledOff?: AbortSignal): Promise<Answer> {
  const sentAt = Date.now()
  const agent = new Agent({ keepAlive: false })
  return new Promise((resolve) => {
    const end = (code: number | null, body: string): void => resolve({ sentAt, at: Date.now(), code, body })
    const limit = AbortSignal.timeout(limitMs)
    const signal = calledOff === undefined ? limit : AbortSignal.any([limit, calledOff])
    const outgoing = request(url, { agent, signal }, (response) => {
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

/** Asks again and again, one request at a time, until stopped; keeps every answer, but none to what is under way then. */
export function watch(url: string, everyMs = 100): Watch {
  const answers: Answer[] = []
  const stop = new AbortController()
  const looping = (async () => {
    while (!stop.signal.aborted) {
      const answer = await ask(url, stop.signal)
      if (answer.code !== null || !stop.signal.aborted) answers.push(answer)
      await new Promise((resolve) => setTimeout(resolve, everyMs))
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
