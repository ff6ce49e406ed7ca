/** `i-1, i-2 and 3 more`: enough ids to look one up, few enough for one line. */
export function list(ids: readonly string[], most = 5): string {
  const shown = ids.slice(0, most)
  const rest = ids.length - shown.length
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ')
}

/** `1 instance`, `4 instances`; `plural` where an s does not do. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`
}

/** What so many do: `is` of one, `are` of any other number. */
export function verb(n: number, one: string, several: string): string {
  return n === 1 ? one : several
}
