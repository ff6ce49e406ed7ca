import { writeSync } from 'node:fs'

/** Loaded before a measured program: at its end it tells what the process used, on file descriptor 3. */
export type Usage = {
  /** The largest resident set, bytes. */
  memoryBytes: number
  /** Processor time of all threads, milliseconds. */
  cpuMs: number
}

process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
  const usage: Usage = { memoryBytes: maxRSS * 1_024, cpuMs: (userCPUTime + systemCPUTime) / 1_000 }
  writeSync(3, JSON.stringify(usage))
})
