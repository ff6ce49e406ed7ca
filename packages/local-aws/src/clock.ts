export type Cancel = () => void

/** The one source of time in the local AWS: real, faster than real, or simulated. Milliseconds since the epoch. */
export interface Clock {
  now(): number
  /** Runs `task` once, `delayMs` of this clock's milliseconds from now. */
  after(delayMs: number, task: () => void): Cancel
}
