import { digestOf, type ImageStore, type Manifest } from './images.ts'

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]

/** Of one request to the registry. */
const timeoutMs = 30_000

/** Images of a registry that speaks the OCI distribution API over plain HTTP without login, such as Docker's own on loopback. */
export class RegistryImages implements ImageStore {
  readonly #base: string
  readonly #created = new Set<string>()

  /** @param base `http://127.0.0.1:5000` */
  constructor(base: string) {
    this.#base = base.replace(/\/+$/, '')
  }

  /** The registry makes repositories by itself; here it is only remembered that this one may be used. */
  createRepository(repository: string): boolean {
    if (this.#created.has(repository)) return false
    this.#created.add(repository)
    return true
  }

  async hasRepository(repository: string): Promise<boolean> {
    return this.#created.has(repository) || (await this.tags(repository)).length > 0
  }

  async manifest(repository: string, reference: string): Promise<Manifest | null> {
    const response = await this.#send('GET', `${repository}/manifests/${reference}`, {
      headers: { accept: manifestTypes.join(', ') },
    })
    if (response.status === 404) return null
    const body = await bytesOf(response)
    const mediaType = response.headers.get('content-type') ?? ''
    return { digest: digestOf(body), mediaType, body }
  }

  async put(
    repository: string,
    { mediaType, body, tag }: { mediaType: string; body: Uint8Array; tag: string | null },
  ): Promise<string> {
    const digest = digestOf(body)
    await this.#send('PUT', `${repository}/manifests/${tag ?? digest}`, {
      headers: { 'content-type': mediaType },
      body,
    })
    return digest
  }

  async tags(repository: string): Promise<string[]> {
    const response = await this.#send('GET', `${repository}/tags/list`)
    if (response.status === 404) return []
    const { tags } = (await response.json()) as { tags?: string[] | null }
    return tags ?? []
  }

  async blob(repository: string, digest: string): Promise<Uint8Array | null> {
    const response = await this.#send('GET', `${repository}/blobs/${digest}`)
    return response.status === 404 ? null : await bytesOf(response)
  }

  async putBlob(repository: string, body: Uint8Array): Promise<string> {
    const digest = digestOf(body)
    const begun = await this.#send('POST', `${repository}/blobs/uploads/`)
    const upload = new URL(begun.headers.get('location') ?? '', begun.url)
    upload.searchParams.set('digest', digest)
    await this.#fetch(upload.href, {
      method: 'PUT',
      headers: { 'content-type': 'application/octet-stream' },
      body: Buffer.from(body),
    })
    return digest
  }

  async #send(
    method: string,
    path: string,
    init: { headers?: Record<string, string>; body?: Uint8Array } = {},
  ): Promise<Response> {
    const { body, headers = {} } = init
    return await this.#fetch(`${this.#base}/v2/${path}`, {
      method,
      headers,
      ...(body ? { body: Buffer.from(body) } : {}),
    })
  }

  /** 404 is an answer, any other failure an error. */
  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) })
    if (response.ok || response.status === 404) return response
    await response.body?.cancel()
    throw new Error(`The registry answered ${response.status} to ${init.method ?? 'GET'} ${url}.`)
  }
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer())
}
