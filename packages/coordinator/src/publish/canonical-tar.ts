import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'

/** One entry of a bundle; paths are relative, written with `/`. */
export type BundleEntry =
  | { kind: 'file'; path: string; content: Uint8Array; executable: boolean }
  | { kind: 'link'; path: string; target: string }

/**
 * The one tar of these entries: sorted by path, owner root, modes 0644 or 0755, times 0.
 * The same content gives the same bytes whatever the order, the clock or the owner it was read with.
 */
export async function canonicalTar(entries: readonly BundleEntry[]): Promise<Buffer> {
  const tar = pack()
  const bytes = buffer(tar)
  for (const entry of entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const header = { name: entry.path, mtime: new Date(0), uid: 0, gid: 0, uname: 'root', gname: 'root' }
    if (entry.kind === 'link') tar.entry({ ...header, type: 'symlink', mode: 0o777, linkname: entry.target })
    else tar.entry({ ...header, mode: entry.executable ? 0o755 : 0o644 }, Buffer.from(entry.content))
  }
  tar.finalize()
  return await bytes
}

/** The revision a bundle is known by, and the full hash it is checked against (docs/record.md). */
export function revisionOf(tar: Uint8Array): { revision: string; sha256: string } {
  const sha256 = createHash('sha256').update(tar).digest('hex')
  return { revision: sha256.slice(0, 12), sha256 }
}
