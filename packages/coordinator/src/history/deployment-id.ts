/** `20260102-030405-1f9c`: sorts by time, and tells two of the same second apart. */
export function newId(now: number, random: number): string {
  const tail = Math.floor(random * 0x1_0000)
    .toString(16)
    .padStart(4, '0')
  return `${secondOf(now)}-${tail}`
}

/** What the ids of one second begin with. */
export function secondOf(at: number): string {
  return new Date(at)
    .toISOString()
    .replaceAll(/[-:]|\..*$/g, '')
    .replace('T', '-')
}
