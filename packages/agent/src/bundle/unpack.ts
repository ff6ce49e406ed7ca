import { mkdir, open, symlink } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { Readable } from 'node:stream'
import { extract } from 'tar-stream'
import { bundleBytesMax, bundleFilesMax } from '@switchover/contract/bundle'

/** A tar that is no bundle: the sentence says why. */
export class UnpackError extends Error {}

/**
 * Writes a tar's directories, plain files and symbolic links under `directory` and nothing anywhere else: hard links,
 * devices, absolute names, names with `..` and links that lead outside are refused, and so is more than the contract's
 * bytes and files.
 * @throws {UnpackError} leaving a part written: unpack into a directory of its own; the system's error where the disk fails
 */
export async function unpack(tar: Uint8Array, directory: string): Promise<void> {
  const entries = extract()
  const source = Readable.from([tar])
  source.on('error', (error) => entries.destroy(error))
  source.pipe(entries)
  let bytes = 0
  let files = 0
  const links = new Map<string, string>()
  try {
    for await (const entry of entries) {
      const { name, type, size } = entry.header
      bytes += size
      files += 1
      if (files > bundleFilesMax) throw new UnpackError(`The bundle holds more than ${bundleFilesMax} files.`)
      if (bytes > bundleBytesMax) throw new UnpackError(`The bundle holds more than ${bundleBytesMax} bytes.`)
      const path = join(directory, safeName(name))
      if (type === 'directory') {
        await mkdir(path, { recursive: true, mode: 0o755 })
        entry.resume()
      } else if (type === 'file' || type === 'contiguous-file') {
        await writeEntry(path, entry, (entry.header.mode ?? 0o644) & 0o755)
      } else if (type === 'symlink') {
        links.set(path, safeTarget(name, entry.header.linkname ?? ''))
        entry.resume()
      } else {
        throw new UnpackError(
          `The bundle's ${name} is a ${type ?? 'thing'}; only files, directories and symbolic links are taken.`,
        )
      }
    }
    await makeLinks(links)
  } catch (error) {
    if (error instanceof UnpackError || isDiskFault(error)) throw error
    throw new UnpackError(`The bundle cannot be unpacked: ${(error as Error).message}`)
  } finally {
    source.destroy()
    entries.destroy()
  }
}

/** An error of the system that other names in the tar would not have avoided. */
function isDiskFault(error: unknown): boolean {
  const code = error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : null
  return code !== null && !/^(EEXIST|EISDIR|ENOTDIR|ENAMETOOLONG)$/.test(code)
}

function safeName(name: string): string {
  const normal = posix.normalize(name)
  const escapes =
    normal.startsWith('/') ||
    normal === '..' ||
    normal.startsWith('../') ||
    /[\0\\]/.test(name) ||
    name === ''
  if (escapes) throw new UnpackError(`The bundle's entry ${JSON.stringify(name)} lies outside of it.`)
  return normal
}

/**
 * The target without the detours that another link could lead outside: what is left climbs from the link's own
 * directory, which is real, and then only descends.
 */
function safeTarget(name: string, target: string): string {
  const normal = posix.normalize(target)
  const end = posix.join(posix.dirname(posix.normalize(name)), normal)
  if (
    target === '' ||
    normal.startsWith('/') ||
    /[\0\\]/.test(target) ||
    end === '..' ||
    end.startsWith('../')
  )
    throw new UnpackError(`The bundle's link ${JSON.stringify(name)} leads outside of it.`)
  return normal
}

/** Last of all, and after the directories they stand in: nothing is ever written through a link. */
async function makeLinks(links: ReadonlyMap<string, string>): Promise<void> {
  for (const path of links.keys()) await mkdir(dirname(path), { recursive: true, mode: 0o755 })
  for (const [path, target] of links) await symlink(target, path)
}

async function writeEntry(path: string, content: AsyncIterable<unknown>, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 })
  const file = await open(path, 'wx', mode)
  try {
    for await (const chunk of content) await file.write(chunk as Uint8Array)
    await file.sync()
  } finally {
    await file.close()
  }
}
