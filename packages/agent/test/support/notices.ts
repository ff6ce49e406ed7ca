import type { Machine } from './machine.ts'

/** A time of the machine's clock as EC2 writes it, without milliseconds. */
export function inSeconds({ clock }: Machine, seconds: number): string {
  return clock
    .wall(clock.now() + seconds * 1_000)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
}

/** Has EC2 announce that it takes the machine back, and returns when. */
export function interrupt(machine: Machine, seconds: number): number {
  machine.interruption = { action: 'terminate', time: inSeconds(machine, seconds) }
  return Date.parse(machine.interruption.time)
}

/** What the last report says of it. */
export function reportedInterruption(machine: Machine) {
  return machine.reports.at(-1)?.interruption ?? null
}
