// Loaded before a measured program: at its end it tells what the process used, on file descriptor 3.
// Not TypeScript: what Node strips types with would be counted too, and takes 15 MB.
import { writeSync } from 'node:fs'

process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
  writeSync(3, JSON.stringify({ memoryBytes: maxRSS * 1_024, cpuMs: (userCPUTime + systemCPUTime) / 1_000 }))
})
