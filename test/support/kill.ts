import { expect } from 'vitest'
import { type Ended, type Running, start } from './coordinator.ts'
import type { LiveService } from './live-service.ts'

export const moments = ['before', 'after'] as const
export type Moment = (typeof moments)[number]

/** Runs a command until its changing call number `index`, and says which operation that was. */
export async function kill(
  service: LiveService,
  args: readonly string[],
  moment: Moment,
  index: number,
): Promise<string> {
  let [changing, killedAt] = [0, '']
  let victim: Running | null = null
  service.intercept(async ({ operation, kind }, proceed) => {
    if (killedAt !== '') return null
    if (kind !== 'change' || changing++ !== index) return proceed()
    killedAt = operation
    if (moment === 'after') await proceed()
    victim?.process.kill('SIGKILL')
    await victim?.ended
    return null
  })
  victim = start(args, service.env)
  const ended = await victim.ended
  service.intercept(null)
  expect(ended.signal, `${args.join(' ')} ended before changing call ${index}: ${explain(ended)}`).toBe(
    'SIGKILL',
  )
  return killedAt
}

export function explain({ stderr, events }: Ended): string {
  return `${stderr}\n${events.map((event) => event.text).join('\n')}`
}
