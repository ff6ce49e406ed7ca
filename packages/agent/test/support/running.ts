import { Agent } from '../../src/agent.ts'
import type { Machine } from './machine.ts'
import { partsOf } from './parts.ts'

/** An agent that runs on a machine in memory. */
export type Running = {
  agent: Agent
  until(condition: () => boolean): Promise<void>
  ready(): Promise<void>
  /** Sends the agent SIGTERM and waits for its end. */
  stop(): Promise<void>
}

export async function runOn(machine: Machine): Promise<Running> {
  const agent = await Agent.create(partsOf(machine))
  const stop = new AbortController()
  let ended = false
  const done = agent.run(stop.signal).finally(() => {
    ended = true
  })
  const until = (condition: () => boolean) => machine.clock.until(condition)
  return {
    agent,
    until,
    ready: () => until(() => agent.status.ready),
    stop: async () => {
      stop.abort()
      await until(() => ended)
      await done
    },
  }
}
