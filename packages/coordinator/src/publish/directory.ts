import { readFile, readdir, readlink, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, posix, sep } from 'node:path'
import { bundleBytesMax, bundleFilesMax, imagesLockName } from '@switchover/contract/bundle'
import { Refusal } from '../events.ts'
import type { BundleEntry } from './canonical-tar.ts'

/**
 * Everything in a directory that goes into its bundle: files and links that stay inside, without `.git` and without an
 * `images.lock`, which publishing writes anew.
 * @throws {Refusal} exit 2: no directory, a link that leaves it, something that is no file, or more than the limits.
 */
export async function readBundleDirectory(directory: string): Promise<BundleEntry[]> {
  const entries: BundleEntry[] = []
  let bytes = 0
  for (const path of await paths(directory)) {
    const entry = await readEntry(directory, path)
    bytes += entry.kind === 'file' ? entry.content.byteLength : 0
    if (bytes > bundleBytesMax)
      throw refusal(`${directory} holds more than ${bundleBytesMax / 1024 / 1024} MiB`)
    entries.push(entry)
  }
  return entries
}

async function paths(directory: string): Promise<string[]> {
  const info = await stat(directory).catch(() => null)
  if (!info?.isDirectory()) throw refusal(`${directory} is not a directory`)
  const found: string[] = []
  const pending = ['']
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const item of await readdir(join(directory, next), { withFileTypes: true })) {
      const path = posix.join(next, item.name)
      if (item.name === '.git' || path === imagesLockName) continue
      if (item.isDirectory()) pending.push(path)
      else if (item.isFile() || item.isSymbolicLink()) found.push(path)
      else throw refusal(`${path} is neither a file nor a directory`)
      if (found.length > bundleFilesMax) throw refusal(`${directory} holds more than ${bundleFilesMax} files`)
    }
  }
  return found
}

async function readEntry(directory: string, path: string): Promise<BundleEntry> {
  const full = join(directory, path)
  const target = await readlink(full).catch(() => null)
  if (target !== null) return { kind: 'link', path, target: inside(path, target) }
  const { mode, size } = await stat(full)
  // Looked at before it is read: a bundle's file may be far larger than memory.
  if (size > bundleBytesMax) throw refusal(`${path} is larger than ${bundleBytesMax / 1024 / 1024} MiB`)
  return { kind: 'file', path, content: await readFile(full), executable: (mode & 0o100) !== 0 }
}

function inside(path: string, target: string): string {
  const end = posix.normalize(posix.join(dirname(path).replaceAll(sep, '/'), target))
  if (isAbsolute(target) || end === '..' || end.startsWith('../'))
    throw refusal(`${path} is a link that leaves the directory`)
  return target
}

function refusal(what: string): Refusal {
  return new Refusal(2, 'refused', `The bundle cannot be published: ${what}.`)
}
