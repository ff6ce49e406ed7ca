import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'

export type Answer = { status: number; headers: IncomingHttpHeaders; body: string }

const bodyBytesMax = 4 * 1024 * 1024

/**
 * One request over a connection of its own, and the text it is answered with; redirects are answers like others. Node's
 * `fetch` does the same at the price of 15 MB.
 * @throws the transport's error, or the signal's reason
 */
export function exchange(
  url: string,
  options: { method?: string; headers?: Readonly<Record<string, string>>; signal: AbortSignal },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(options.signal.aborted ? (options.signal.reason as Error) : error)
    const request = httpRequest(url, { ...options, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        body += part
        if (body.length > bodyBytesMax) response.destroy(new Error(`${url} answers without an end.`))
      })
      response.on('error', fail)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    request.on('error', fail)
    request.end()
  })
}
