import { expect, test } from 'vitest'
import { systemClock as clock } from './clock.ts'
import { recurring } from './recurring.ts'

test('listens to the status no longer than it runs', async () => {
  const listeners = new Set<() => void>()
  const status = {
    onChange: (listener: () => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const seen: number[] = []
  const task = async () => {
    seen.push(listeners.size)
    return 'done' as const
  }
  const { signal } = new AbortController()
  const retry = { baseMs: 1, capMs: 1 }
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  await recurring({ clock, log, random: () => 0.5 }, status, signal, { task, failed: 'Nothing', retry })
  expect([seen, listeners.size]).toEqual([[1], 0])
})
