/** `digits` hexadecimal digits. */
export function hex(random: () => number, digits: number): string {
  return Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')
}

/** An id in the form of a UUID, as activities and lifecycle tokens carry. */
export function uuid(random: () => number): string {
  return [8, 4, 4, 4, 12].map((digits) => hex(random, digits)).join('-')
}
