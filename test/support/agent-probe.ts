import { createRequire, syncBuiltinESMExports } from 'node:module'
import type * as TimersPromises from 'node:timers/promises'

/**
 * Loaded before an agent whose memory is watched. Its sleeps are a twentieth as long, so that a thousand turns of its
 * loop take seconds; asked by its parent, it collects garbage and says what is left on the heap, bytes.
 */
const faster = 20
const timers = createRequire(import.meta.url)('node:timers/promises') as typeof TimersPromises
const { setTimeout: delay } = timers
timers.setTimeout = ((ms = 0, value?: unknown, options?: object) =>
  delay(ms / faster, value, options)) as typeof delay
syncBuiltinESMExports()

process.on('message', () => {
  for (let times = 0; times < 3; times += 1) globalThis.gc?.()
  process.send?.(process.memoryUsage().heapUsed)
})
process.channel?.unref()
