import { rename, rm, writeFile } from 'node:fs/promises'
import { formatBytes } from '@switchover/contract/bytes'
import { Refusal } from '../events.ts'
import { pageOf } from '../timeline/page/page.ts'
import type { Timeline } from '../timeline/model.ts'
import type { Host } from './host.ts'

/**
 * Writes a timeline as a page, whole or not at all; `-` is stdout.
 * @returns a sentence about it
 * @throws {Refusal} (2) where the file cannot be written.
 */
export async function writePage(
  { stdout, owner }: Pick<Host, 'stdout' | 'owner'>,
  file: string,
  timeline: Timeline,
): Promise<string> {
  const page = pageOf(timeline)
  if (file === '-') {
    stdout.write(page)
    return 'The page is on stdout.'
  }
  // Beside the file, so that taking its place is one move; unique, for two may write at once.
  const draft = `${file}.${owner.split(' ').at(-1) ?? 'new'}.tmp`
  try {
    await writeFile(draft, page)
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    const cause = error instanceof Error ? error.message : String(error)
    throw new Refusal(2, 'refused', `${file} cannot be written: ${cause}.`, null, error)
  }
  return `The page is in ${file} (${formatBytes(Buffer.byteLength(page))}).`
}
