import { Agent } from 'node:http'

/** Connections and requests to one registered target. */
export type TargetConnections = {
  /** Keeps connections open between requests, as a load balancer does. */
  readonly agent: Agent
  /** Ends each request that is under way. */
  readonly inFlight: Set<() => void>
}

/** The connections of every target, so that those of one can be cut when it is deregistered for good. */
export class ConnectionPool {
  readonly #idleMs: number
  readonly #targets = new Map<string, TargetConnections>()

  /** @param idleMs after which a connection without a request is closed */
  constructor(idleMs: number) {
    this.#idleMs = idleMs
  }

  of(targetGroupArn: string, instanceId: string): TargetConnections {
    const key = `${targetGroupArn} ${instanceId}`
    const found = this.#targets.get(key) ?? {
      agent: new Agent({ keepAlive: true, maxFreeSockets: 64, timeout: this.#idleMs }),
      inFlight: new Set(),
    }
    this.#targets.set(key, found)
    return found
  }

  /** Closes what is left of a target's connections; requests under way on them fail. */
  cut(targetGroupArn: string, instanceId: string): void {
    const key = `${targetGroupArn} ${instanceId}`
    const found = this.#targets.get(key)
    if (!found) return
    this.#targets.delete(key)
    for (const end of found.inFlight) end()
    found.agent.destroy()
  }

  close(): void {
    for (const { inFlight, agent } of this.#targets.values()) {
      for (const end of inFlight) end()
      agent.destroy()
    }
    this.#targets.clear()
  }
}
