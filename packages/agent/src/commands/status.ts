import { get } from 'node:http'
import { systemClock } from '../clock.ts'

/** Text of the running agent's `/status`. @throws where none answers */
export function status(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const signal = systemClock.deadline(10_000)
    const request = get({ host: '127.0.0.1', port, path: '/status', agent: false, signal }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => resolve(Buffer.concat(parts).toString('utf8')))
      response.on('error', reject)
    })
    request.on('error', reject)
  })
}
