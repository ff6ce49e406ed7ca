let made = 0

/** A name nobody else has, short enough for a target group: at most 32 characters with a prefix of 12. */
export function uniqueName(prefix: string): string {
  made += 1
  const stamp = Date.now().toString(36).slice(-6)
  return `${prefix}-cf${stamp}-${process.pid.toString(36)}-${made}`
}

/** Whether a run with this prefix has made it; buckets have a longer tail. */
export function isOurs(prefix: string, name: string | undefined): boolean {
  const tail = name?.startsWith(`${prefix}-`) ? name.slice(prefix.length + 1) : ''
  return /^cf[0-9a-z]{6}-[0-9a-z]+-\d+(-[0-9a-f]{16})?$/.test(tail)
}
