/**
 * Looks until `holds`, at most `limitMs`.
 * @throws {Error} naming what did not come about.
 */
export async function until(
  holds: () => Promise<boolean> | boolean,
  limitMs: number,
  what: string,
): Promise<void> {
  const deadline = performance.now() + limitMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`In ${limitMs} ms it did not come about that ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
