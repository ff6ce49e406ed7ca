import { createHash } from 'node:crypto'
import { access, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { retryable, terminal } from '../decide/reason.ts'
import { errorText, Failure } from '../failure.ts'
import { syncDirectory } from '../state.ts'
import { unpack, UnpackError } from './unpack.ts'

export type BundleSource = {
  /** Text that begins with the SHA-256, in hexadecimal, of the uncompressed tar. */
  checksum(revision: string, signal: AbortSignal): Promise<string>
  tarball(revision: string, signal: AbortSignal): Promise<Uint8Array>
}

const inflate = promisify(gunzip)

/** Where a bundle's revision lies once it is installed. */
export function bundleDirectory(stateDirectory: string, revision: string): string {
  return join(stateDirectory, 'bundles', revision)
}

/**
 * Directory of a bundle's revision, fetched unless this machine has it. What is unpacked has the full hash the store
 * names, and that hash begins with the revision the group names.
 * @throws {Failure}
 */
export async function installBundle(
  source: BundleSource,
  options: { stateDirectory: string; revision: string; tarBytesMax: number; signal: AbortSignal },
): Promise<string> {
  const { stateDirectory, revision, tarBytesMax, signal } = options
  const bundles = join(stateDirectory, 'bundles')
  const directory = bundleDirectory(stateDirectory, revision)
  if (await exists(directory)) return directory
  const tar = await fetchTar(source, revision, tarBytesMax, signal)
  const draft = join(bundles, `.${revision}`)
  try {
    await rm(draft, { recursive: true, force: true })
    await mkdir(draft, { recursive: true })
    await unpack(tar, draft)
    await rename(draft, directory)
    await syncDirectory(bundles)
  } catch (error) {
    if (error instanceof UnpackError)
      throw new Failure(terminal('bundle-unsafe', error.message), { cause: error })
    const sentence = `Bundle ${revision} cannot be written to ${bundles}: ${errorText(error)}`
    throw new Failure(retryable('disk-unusable', sentence), { cause: error })
  }
  return directory
}

async function fetchTar(
  source: BundleSource,
  revision: string,
  tarBytesMax: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const [checksum, packed] = await Promise.all([
    source.checksum(revision, signal),
    source.tarball(revision, signal),
  ])
  const expected = /^[0-9a-f]{64}(?=\s|$)/.exec(checksum)?.[0]
  if (expected === undefined || !expected.startsWith(revision)) {
    throw corrupt(`The checksum of bundle ${revision} does not begin with its revision.`)
  }
  let tar: Uint8Array
  try {
    tar = await inflate(packed, { maxOutputLength: tarBytesMax })
  } catch (error) {
    throw corrupt(`Bundle ${revision} cannot be decompressed: ${(error as Error).message}`)
  }
  const actual = createHash('sha256').update(tar).digest('hex')
  if (actual !== expected) throw corrupt(`Bundle ${revision} has the SHA-256 ${actual}, not ${expected}.`)
  return tar
}

/** Bad bytes may come from the way here; the third time they are the store's. */
function corrupt(sentence: string): Failure {
  return new Failure(retryable('bundle-corrupt', sentence), { terminalAfter: 3 })
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}
