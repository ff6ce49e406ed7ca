import { get as httpGet } from 'node:http'
import { get as httpsGet } from 'node:https'
import type { Clock } from './clock.ts'
import { errorText } from './failure.ts'
import { redact } from './redact.ts'

export type ProbeAnswer = { ok: boolean; detail: string }

/** Asks the app's own URL over a fresh connection; any 2xx is health. Never throws; a login in the URL is not repeated. */
export function probe(url: string, timeoutMs: number, clock: Clock): Promise<ProbeAnswer> {
  const get = url.startsWith('https:') ? httpsGet : httpGet
  const signal = clock.deadline(timeoutMs)
  const shown = redact(url)
  return new Promise((resolve) => {
    const request = get(
      url,
      { agent: false, signal, headers: { 'user-agent': 'switchover-agent' } },
      (response) => {
        const status = response.statusCode ?? 0
        response.destroy()
        const ok = status >= 200 && status < 300
        resolve({ ok, detail: ok ? 'healthy' : `${shown} answers ${status}.` })
      },
    )
    request.on('error', (error) => {
      const detail = signal.aborted ? `no answer within ${timeoutMs} ms` : errorText(error)
      resolve({ ok: false, detail: `${shown}: ${detail}.` })
    })
  })
}
