import { connect, type Socket } from 'node:net'
import type { Clock } from '../clock.ts'
import type { Upstream } from './forward.ts'
import { IdleWatch } from './idle-watch.ts'

/** A Network Load Balancer's (NLB guide, connection idle timeout). */
const idleTimeoutMs = 350_000

/** Joins a client's connection to a target for its whole life, each direction closed on its own. Where one end breaks, so does the other. */
export function forwardFlow(client: Socket, target: Upstream, clock: Clock): void {
  const { inFlight } = target.connections
  const upstream = connect({ host: target.ip, port: target.port, allowHalfOpen: true })
  const cut = () => {
    client.resetAndDestroy()
    upstream.resetAndDestroy()
  }
  const idle = new IdleWatch(clock, idleTimeoutMs, cut)
  inFlight.add(cut)
  let open = 2
  for (const socket of [client, upstream]) {
    socket.on('data', () => idle.touch())
    socket.on('error', cut)
    socket.on('close', () => {
      open -= 1
      if (open > 0) return
      inFlight.delete(cut)
      idle.stop()
    })
  }
  client.pipe(upstream)
  upstream.pipe(client)
}
