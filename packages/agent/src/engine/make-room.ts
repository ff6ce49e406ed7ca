import { formatBytes } from '@switchover/contract/bytes'
import { type ImageHistory, oldImages, ownImages, type StoredImage } from '../decide/old-images.ts'
import type { Plan } from '../decide/observation.ts'
import { judgeRoom, neededBytes, noRoom, type Room } from '../decide/room.ts'
import { errorText, Failure } from '../failure.ts'
import type { Log } from '../log.ts'
import type { Engine } from './engine.ts'

type Parts = { engine: Engine; room: (directory: string) => Promise<Room>; log: Log }

export type Wanting = {
  source: string
  /** Compressed bytes of the whole image, null where the registry was not asked. */
  size: number | null
  /** Compressed bytes of it, as far as a try that found no room has shown them; null where there was none. */
  crowded: number | null
  history: ImageHistory
}

/**
 * Sees that the engine's disk has room before a pull; where it has little, older images of our own go first. The whole
 * image counts only where nothing here can share layers with it: what a pull really takes is then less.
 * @throws {Failure} where there is not enough
 */
export async function makeRoom(
  parts: Parts,
  plan: Plan,
  { source, size, crowded, history }: Wanting,
  signal: AbortSignal,
): Promise<void> {
  const before = await look(parts)
  const ample = before === null || judgeRoom(before.room, neededBytes(crowded ?? size)) === 'ample'
  if (crowded === null && ample) return
  await removeOldImages(parts, plan, history, signal)
  const needed = neededBytes(crowded ?? ((await hasOwn(parts, plan)) ? null : size))
  const after = await look(parts)
  if (after === null || judgeRoom(after.room, needed) !== 'short') return
  throw new Failure(noRoom(source, after.directory, after.room, needed))
}

async function hasOwn({ engine }: Parts, plan: Plan): Promise<boolean> {
  try {
    return ownImages(await engine.images(), plan).length > 0
  } catch {
    return true
  }
}

/** Null where the disk cannot be asked: then the pull itself shows what room there is. */
async function look({ engine, room, log }: Parts): Promise<{ directory: string; room: Room } | null> {
  try {
    const directory = await engine.dataDirectory()
    return { directory, room: await room(directory) }
  } catch (error) {
    log.warn(`How much room the engine's disk has is not known: ${errorText(error)}`)
    return null
  }
}

/** Removes what `oldImages` finds nobody needs. What cannot be removed stays. */
export async function removeOldImages(
  { engine, log }: Pick<Parts, 'engine' | 'log'>,
  plan: Plan,
  history: ImageHistory,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (const image of oldImages(await engine.images(), plan, history)) {
      if (await remove(engine, image, history, signal))
        log.info(`Removed ${image.names[0]}, ${formatBytes(image.bytes)}: an older image of this service.`)
    }
  } catch (error) {
    log.warn(`Older images were not all removed: ${errorText(error)}`)
  }
}

async function remove(
  engine: Engine,
  { names }: StoredImage,
  { pulled }: ImageHistory,
  signal: AbortSignal,
): Promise<boolean> {
  for (const name of names) {
    if (!(await engine.removeName(name, signal))) return false
    // Who pulls it from now on is not known.
    pulled.delete(name)
  }
  return true
}
