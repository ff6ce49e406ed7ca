/**
 * Each page of a list, as the SDK's paginators give them.
 * @param most pages that no account fills: a list that never ends is an error, not a wait
 * @throws {Error} where there are more
 */
export async function* allPages<T>(pages: AsyncIterable<T>, most: number): AsyncGenerator<T> {
  let left = most
  for await (const page of pages) {
    if (left === 0) throw new Error(`AWS answers a list with more than ${most} pages.`)
    left -= 1
    yield page
  }
}
