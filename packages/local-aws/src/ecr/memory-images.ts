import { digestOf, type ImageStore, type Manifest } from './images.ts'

type Repository = {
  readonly tags: Map<string, string>
  readonly manifests: Map<string, Manifest>
  readonly blobs: Map<string, Uint8Array>
}

/** A registry in memory, for virtual instances: nothing can be pulled from it over the wire of Docker. */
export class MemoryImages implements ImageStore {
  readonly #repositories = new Map<string, Repository>()

  createRepository(repository: string): boolean {
    if (this.#repositories.has(repository)) return false
    this.#made(repository)
    return true
  }

  async hasRepository(repository: string): Promise<boolean> {
    return this.#repositories.has(repository)
  }

  async manifest(repository: string, reference: string): Promise<Manifest | null> {
    const found = this.#repositories.get(repository)
    const digest = reference.includes(':') ? reference : found?.tags.get(reference)
    return (digest === undefined ? null : found?.manifests.get(digest)) ?? null
  }

  async put(
    repository: string,
    { mediaType, body, tag }: { mediaType: string; body: Uint8Array; tag: string | null },
  ): Promise<string> {
    const digest = digestOf(body)
    const { manifests, tags } = this.#made(repository)
    manifests.set(digest, { digest, mediaType, body })
    if (tag !== null) tags.set(tag, digest)
    return digest
  }

  async tags(repository: string): Promise<string[]> {
    return [...(this.#repositories.get(repository)?.tags.keys() ?? [])]
  }

  async blob(repository: string, digest: string): Promise<Uint8Array | null> {
    return this.#repositories.get(repository)?.blobs.get(digest) ?? null
  }

  async putBlob(repository: string, body: Uint8Array): Promise<string> {
    const digest = digestOf(body)
    this.#made(repository).blobs.set(digest, body)
    return digest
  }

  #made(name: string): Repository {
    const repository = this.#repositories.get(name) ?? {
      tags: new Map(),
      manifests: new Map(),
      blobs: new Map(),
    }
    this.#repositories.set(name, repository)
    return repository
  }
}
