import type { Refused } from './scene.ts'

/** What Auto Scaling says to nearly everything it will not do. */
export const invalid = (message: string): Refused => ({ code: 'ValidationError', status: 400, message })

/** An id in the right form that no instance has. */
export const stranger = 'i-0123456789abcdef0'
