import { statfs } from 'node:fs/promises'
import type { Room } from './decide/room.ts'

/** What is left on the file system of a directory, for programs that are not root. @throws where it cannot be asked */
export async function roomOf(directory: string): Promise<Room> {
  const { bsize, blocks, bavail, files, ffree } = await statfs(directory)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, freeInodes: ffree, totalInodes: files }
}
