/** How often a machine is looked at: a look is a process of its own, and there are two processors. */
const paceMs = 200

/**
 * Looks until there is something to see, and returns it. A look that throws has seen nothing.
 * @throws {Error} naming what did not come, and what the last look brought instead.
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | null | false>,
  limitMs = 180_000,
): Promise<T> {
  const deadline = performance.now() + limitMs
  for (;;) {
    let last: unknown
    try {
      const seen = await look()
      if (seen !== null && seen !== false) return seen
      last = seen
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline)
      throw new Error(`In ${limitMs / 1_000} s it did not come about: ${what}. Last: ${String(last)}`)
    await new Promise((resolve) => setTimeout(resolve, paceMs))
  }
}
