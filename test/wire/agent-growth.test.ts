import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAgentMachine, type AgentMachine } from '../support/agent-machine.ts'
import { until } from '../support/until.ts'

const main = fileURLToPath(new URL('../../packages/agent/src/main.ts', import.meta.url))
const probe = fileURLToPath(new URL('../support/agent-probe.ts', import.meta.url))

/** The real agent as a process; what it forgets to let go of shows on its heap. */
describe('the memory of a ready agent', () => {
  let machine: AgentMachine
  let agent: ChildProcess
  beforeAll(async () => {
    machine = await openAgentMachine('100ms')
    agent = machine.start([process.execPath, '--expose-gc', `--import=${probe}`, main])
    await machine.ready()
    await turnsFrom(await turns(), 200)
    await checks(2_000)
  })
  afterAll(() => machine[Symbol.asyncDispose]())

  function ask(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port: machine.port, path, agent: false }, (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (part: string) => (body += part))
        response.on('end', () => resolve(body))
      })
      asked.on('error', reject)
      asked.end()
    })
  }

  async function checks(count: number): Promise<void> {
    const asked = async () => {
      for (let done = 0; done < count / 8; done += 1) expect(await ask('/readyz')).toBe('ready\n')
    }
    await Promise.all(Array.from({ length: 8 }, asked))
  }

  async function turns(): Promise<number> {
    return Number(/^switchover_agent_turns_total (\d+)$/m.exec(await ask('/metrics'))?.[1])
  }

  const turnsFrom = (start: number, count: number): Promise<void> =>
    until(async () => (await turns()) >= start + count, 180_000, `the loop turns ${count} times`)

  async function heapBytes(): Promise<number> {
    const answer = once(agent, 'message') as Promise<[number]>
    agent.send('heap')
    return (await answer)[0]
  }

  test('does not grow with 10,000 health checks', async () => {
    const before = await heapBytes()
    await checks(10_000)
    expect(((await heapBytes()) - before) / 10_000).toBeLessThan(50)
  })

  test('does not grow with 1,000 turns of its loop', async () => {
    const before = await heapBytes()
    await turnsFrom(await turns(), 1_000)
    expect(((await heapBytes()) - before) / 1_000).toBeLessThan(500)
  })
})
