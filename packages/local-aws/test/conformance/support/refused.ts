import type { Refused } from './scene.ts'

/** What Auto Scaling says to nearly everything it will not do. */
export const invalid = (message: string): Refused => ({ code: 'ValidationError', status: 400, message })

/** An id in the right form that no instance has. */
export const stranger = 'i-0123456789abcdef0'

/** Ids of instances that nobody has, each another. */
export const strangers = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `i-0${String(index).padStart(16, '0')}`)
