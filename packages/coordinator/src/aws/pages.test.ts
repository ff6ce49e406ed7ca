import { expect, test } from 'vitest'
import { allPages } from './pages.ts'

async function* pages(count: number): AsyncGenerator<number> {
  for (let page = 0; page < count; page += 1) yield page
}

async function read(count: number, most: number): Promise<number[]> {
  const found: number[] = []
  for await (const page of allPages(pages(count), most)) found.push(page)
  return found
}

test('every page is given, in order', async () => {
  expect(await read(3, 3)).toEqual([0, 1, 2])
})

test('a list that never ends is an error', async () => {
  await expect(read(Number.POSITIVE_INFINITY, 3)).rejects.toThrow('more than 3 pages')
})
