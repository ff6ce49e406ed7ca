import { createHash } from 'node:crypto'

export type Manifest = Readonly<{
  digest: string
  mediaType: string
  body: Uint8Array
}>

/** The images of one registry. References are tags or digests. */
export interface ImageStore {
  /** @returns false where it is there already. */
  createRepository(repository: string): boolean
  hasRepository(repository: string): Promise<boolean>
  /** Null where the repository or the image is not there. */
  manifest(repository: string, reference: string): Promise<Manifest | null>
  /** Puts a manifest under its digest, and under `tag` too unless null. @returns its digest. */
  put(
    repository: string,
    manifest: { mediaType: string; body: Uint8Array; tag: string | null },
  ): Promise<string>
  tags(repository: string): Promise<string[]>
  /** A layer or an image's config. */
  blob(repository: string, digest: string): Promise<Uint8Array | null>
  /** @returns its digest. */
  putBlob(repository: string, body: Uint8Array): Promise<string>
}

export function digestOf(body: Uint8Array): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`
}
