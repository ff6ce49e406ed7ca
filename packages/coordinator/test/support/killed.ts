import type { Ports } from '../../src/run/ports.ts'
import { portsOf } from './account.ts'
import type { Service } from './fleet.ts'

export type Death = 'before' | 'after'

/** Everything but reading. */
const reading = /^(?:Describe|Get|List|Head)/

/** Runs a command in a process that dies at its `nth` changing call, before or after it took effect; false when it made fewer. */
export async function killedAt(
  service: Service,
  run: (ports: Ports) => Promise<unknown>,
  nth: number,
  death: Death,
): Promise<boolean> {
  let calls = 0
  let dead = false
  const never = new Promise<never>(() => {})
  const clients = service.connect(async (call, proceed) => {
    if (dead) return never
    if (reading.test(call.operation)) return proceed()
    calls += 1
    if (calls < nth) return proceed()
    dead = true
    if (death === 'after') await proceed()
    return never
  })
  let ended = false
  const process = run({ ...portsOf(service, 'dead'), clients }).finally(() => {
    ended = true
  })
  process.catch(() => undefined)
  await service.time.runUntil(() => dead || ended, 7_200_000)
  return dead
}
