export type BackoffLimits = { baseMs: number; capMs: number }

/**
 * Milliseconds to wait before the next try: exponential with a cap and full jitter.
 * @param failures failures in a row so far, at least 1
 * @param random in [0, 1)
 */
export function backoff(failures: number, limits: BackoffLimits, random: number): number {
  const exponent = Math.min(Math.max(0, failures - 1), 30)
  return Math.round(random * Math.min(limits.capMs, limits.baseMs * 2 ** exponent))
}
