import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { formatBytes } from '@switchover/contract/bytes'
import { Refusal } from '../events.ts'
import type { Timeline } from '../timeline/model.ts'
import type { Host } from './host.ts'

/**
 * Writes a timeline as a page, whole or not at all; `-` is stdout. A link keeps its place, and so does what is no file.
 * @returns a sentence about it
 * @throws {Refusal} (2) where the file cannot be written.
 */
export async function writePage(
  { stdout, owner }: Pick<Host, 'stdout' | 'owner'>,
  file: string,
  timeline: Timeline,
): Promise<string> {
  const { pageOf } = await import('../timeline/page/page.ts')
  const page = pageOf(timeline)
  if (file === '-') {
    stdout.write(page)
    return 'The page is on stdout.'
  }
  try {
    await replace(file, page, owner.split(' ').at(-1) ?? 'new')
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    throw new Refusal(2, 'refused', `${file} cannot be written: ${cause}.`, null, error)
  }
  return `The page is in ${file} (${formatBytes(Buffer.byteLength(page))}).`
}

/** @param mark for the draft, unique: two may write at once */
async function replace(file: string, page: string, mark: string): Promise<void> {
  const known = await stat(file).catch(() => null)
  // A device or a pipe takes what is written; nothing must take its place.
  if (known !== null && !known.isFile()) return writeFile(file, page)
  const target = known === null ? file : await realpath(file)
  // Beside it, so that taking its place is one move.
  const draft = `${target}.${mark}.tmp`
  try {
    await writeFile(draft, page)
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    throw error
  }
}
