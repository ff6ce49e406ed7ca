/** What a process told as it ended (`tell-usage.mjs`). */
export type Usage = {
  /** The largest resident set, bytes. */
  memoryBytes: number
  /** Processor time of all threads, milliseconds. */
  cpuMs: number
}
