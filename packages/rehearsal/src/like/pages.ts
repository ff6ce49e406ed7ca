/**
 * More pages than AWS's quotas fill: 500 groups, 50 policies, 125 scheduled actions, 50 of them a page or more (Auto
 * Scaling user guide, ec2-auto-scaling-quotas).
 */
const pageLimit = 20

/** The items of every page. @throws {Error} where the pages have no end. */
export async function everyPage<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => Item[] | undefined,
): Promise<Item[]> {
  const items: Item[] = []
  let read = 0
  for await (const page of pages) {
    items.push(...(itemsOf(page) ?? []))
    read += 1
    if (read === pageLimit) throw new Error(`AWS gave ${pageLimit} pages of a list, and no end.`)
  }
  return items
}
