import { formatBytes } from '@switchover/contract/bytes'
import type { Reason } from '@switchover/contract/report'
import { retryable } from './reason.ts'

/** What is left on the file system of the engine's data (statfs(2)); no inodes in all means that they have no limit. */
export type Room = Readonly<{
  freeBytes: number
  totalBytes: number
  freeInodes: number
  totalInodes: number
}>

/** A layer lies there packed while it is unpacked, and unpacked takes more: kubelet's and our own measure. */
const unpackedFactor = 2.5
/** Under these no image is begun: logs and the app itself need the rest. */
const floor = { bytes: 256e6, inodes: 10_000 }
/** Under these what nobody needs is removed first. */
const comfort = { share: 0.1, inodes: 100_000 }

/**
 * Bytes an image needs, never less than the floor.
 * @param compressed bytes of the layers as they are sent, null where that is not known
 */
export function neededBytes(compressed: number | null): number {
  return Math.max(floor.bytes, Math.ceil((compressed ?? 0) * unpackedFactor))
}

/** `tight`: make room first. `short`: a pull would fill the disk. */
export function judgeRoom(room: Room, needed: number): 'ample' | 'tight' | 'short' {
  const inodes = room.totalInodes === 0 ? Number.POSITIVE_INFINITY : room.freeInodes
  if (room.freeBytes < needed || inodes < floor.inodes) return 'short'
  return room.freeBytes < room.totalBytes * comfort.share || inodes < comfort.inodes ? 'tight' : 'ample'
}

export function noRoom(source: string, directory: string, room: Room, needed: number): Reason {
  const free = `${formatBytes(room.freeBytes)} and ${inodesText(room)} are free`
  return retryable(
    'disk-full',
    `No room for image ${source} in ${directory}: ${free}, ${formatBytes(needed)} and ${floor.inodes} inodes are needed. ` +
      'Nothing was pulled. See what takes the room: docker system df',
  )
}

function inodesText({ freeInodes, totalInodes }: Room): string {
  return totalInodes === 0 ? 'inodes without limit' : `${freeInodes} inodes`
}
