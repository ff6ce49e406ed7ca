import { Agent, request } from 'node:http'

/** What became of the requests sent so far. */
export type TrafficCount = {
  sent: number
  answered: number
  /** By the version the answer names. */
  byVersion: Record<string, number>
  /** One sentence a failed request, the first few of them. */
  failures: string[]
  failed: number
}

export type Traffic = { count(): TrafficCount; stop(): Promise<TrafficCount> }

const maxFailuresKept = 20
const requestTimeoutMs = 10_000
/** Idle connections are closed long before the load balancer does it, at 60 s, lest a request meet the end of one. Milliseconds. */
const idleMs = 20_000

/**
 * Sends `perSecond` requests a second to `url`, whether or not the ones before were answered, until stopped
 * or `limitMs` is over. A request fails on any status but 200, any connection error, or no whole answer in 10 s.
 */
export function startTraffic(url: string, perSecond: number, limitMs: number): Traffic {
  const agent = new Agent({ keepAlive: true, maxSockets: 64, timeout: idleMs })
  const count: TrafficCount = { sent: 0, answered: 0, byVersion: {}, failures: [], failed: 0 }
  const pending = new Set<Promise<void>>()
  const startedAt = performance.now()

  const fail = (sentence: string): void => {
    count.failed += 1
    if (count.failures.length < maxFailuresKept) count.failures.push(sentence)
  }
  const send = async (number: number): Promise<void> => {
    try {
      const version = await fetchVersion(url, agent)
      count.answered += 1
      count.byVersion[version] = (count.byVersion[version] ?? 0) + 1
    } catch (error) {
      const at = ((performance.now() - startedAt) / 1_000).toFixed(1)
      fail(`request ${number} at ${at}s: ${(error as Error).message}`)
    }
  }
  const timer = setInterval(() => {
    const elapsed = performance.now() - startedAt
    if (elapsed > limitMs) return clearInterval(timer)
    const due = Math.floor((elapsed / 1_000) * perSecond)
    while (count.sent < due) {
      const number = ++count.sent
      const sent = send(number)
      pending.add(sent)
      void sent.finally(() => pending.delete(sent))
    }
  }, 1_000 / perSecond)

  return {
    count: () => structuredClone(count),
    async stop() {
      clearInterval(timer)
      await Promise.all(pending)
      agent.destroy()
      return structuredClone(count)
    },
  }
}

/** The version a 200 answer names in its body. */
function fetchVersion(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent, timeout: requestTimeoutMs }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () =>
        response.statusCode === 200
          ? resolve(body.trim())
          : reject(new Error(`answered ${response.statusCode}: ${body.trim().slice(0, 120)}`)),
      )
      response.on('error', reject)
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer in ${requestTimeoutMs / 1_000} s`)))
    outgoing.on('error', reject)
    outgoing.end()
  })
}
