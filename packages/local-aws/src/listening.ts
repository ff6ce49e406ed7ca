import { randomInt } from 'node:crypto'
import { createServer, type Server as HttpServer } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { AddressInfo, Server as TcpServer } from 'node:net'

type Server = HttpServer | HttpsServer | TcpServer

/**
 * @param port 0 for any that is free
 * @returns the port
 * @throws where the address cannot be listened on
 */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return (server.address() as AddressInfo).port
}

/** Below the ports that connections take when they go out, 32768 to 60999 on Linux (ip(7), ip_local_port_range). */
const lastingPorts = [16_000, 32_000] as const
const triesAtMost = 100

/**
 * A loopback port to be listened on later: nobody listens on it now, and no connection that goes out takes it meanwhile.
 * @throws {Error} where a hundred of them are taken.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < triesAtMost; tries += 1) {
    const server = createServer()
    const port = await listen(server, '127.0.0.1', randomInt(...lastingPorts)).catch(() => null)
    await closeServer(server)
    if (port !== null) return port
  }
  throw new Error(`Of ${triesAtMost} ports of this machine all are taken.`)
}

/** Open connections are cut; those of a plain TCP server are its owner's to cut. Safe to repeat. */
export async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    if ('closeAllConnections' in server) server.closeAllConnections()
  })
}
