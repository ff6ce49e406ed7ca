const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const

const pattern = /^(\d{1,9})(ms|s|m|h)$/

/**
 * Milliseconds of a duration written as `500ms`, `90s`, `10m` or `2h`.
 * @throws {RangeError} one sentence naming the text, when it is no such duration.
 */
export function parseDuration(text: string): number {
  const match = pattern.exec(text)
  if (!match) throw new RangeError(`"${text}" is not a duration: write 500ms, 90s, 10m or 2h.`)
  return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs]
}

/** A duration of `ms` milliseconds in words short enough for a progress line: `0.4s`, `12s`, `4m30s`, `2h`. */
export function formatDuration(ms: number): string {
  if (ms < 10_000) return `${(Math.max(0, ms) / 1_000).toFixed(1)}s`
  const seconds = Math.round(ms / 1_000)
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60]
  const parts = [h && `${h}h`, m && `${m}m`, s && `${s}s`].filter(Boolean)
  return parts.join('')
}
