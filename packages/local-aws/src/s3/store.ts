import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { AwsError } from '../wire/operation.ts'
import { MultipartUploads } from './multipart-uploads.ts'

export type StoredObject = Readonly<{
  key: string
  body: Uint8Array
  /** With its quotes, as S3 sends it. */
  etag: string
  modifiedAt: number
  contentType: string
  contentEncoding: string | null
  /** `x-amz-meta-…`, without the prefix. */
  metadata: Readonly<Record<string, string>>
  /** `x-amz-checksum-…` headers the object was written with. */
  checksums: Readonly<Record<string, string>>
}>

export type PutOptions = Readonly<{
  contentType?: string
  contentEncoding?: string
  metadata?: Readonly<Record<string, string>>
  checksums?: Readonly<Record<string, string>>
  /** With its quotes; the md5 of the body where absent. */
  etag?: string
  /** Only where no object of that key is there. */
  ifNoneMatch?: '*'
  /** Only over the object with this ETag. */
  ifMatch?: string
}>

/** Buckets and their objects, in memory. Reads see every write at once, as S3's do. */
export class ObjectStore {
  readonly uploads = new MultipartUploads(() => randomBytes(24).toString('base64url'))
  /** A fault to inject: whether a conditional write of a key meets another one under way, or null. */
  conflict: ((key: string) => boolean) | null = null
  readonly #clock: Clock
  readonly #buckets = new Map<string, { createdAt: number; objects: Map<string, StoredObject> }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @returns false where it is there already. */
  createBucket(name: string): boolean {
    if (this.#buckets.has(name)) return false
    this.#buckets.set(name, { createdAt: this.#clock.now(), objects: new Map() })
    return true
  }

  /** @throws {AwsError} NoSuchBucket, BucketNotEmpty. */
  deleteBucket(name: string): void {
    if (this.#objects(name).size > 0)
      throw new AwsError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409)
    this.#buckets.delete(name)
  }

  hasBucket(name: string): boolean {
    return this.#buckets.has(name)
  }

  buckets(): { name: string; createdAt: number }[] {
    return [...this.#buckets].map(([name, { createdAt }]) => ({ name, createdAt }))
  }

  /** @throws {AwsError} NoSuchBucket. */
  get(bucket: string, key: string): StoredObject | null {
    return this.#objects(bucket).get(key) ?? null
  }

  /**
   * Writes an object under S3's rules for conditional writes (user guide, conditional-writes).
   * @throws {AwsError} NoSuchBucket; 412 PreconditionFailed; 404 NoSuchKey for If-Match without an object; 409
   * ConditionalRequestConflict.
   */
  put(bucket: string, key: string, body: Uint8Array, options: PutOptions = {}): StoredObject {
    const objects = this.#objects(bucket)
    const before = objects.get(key)
    const conditional = options.ifNoneMatch !== undefined || options.ifMatch !== undefined
    if (conditional && this.conflict?.(key)) throw conditionalRequestConflict()
    if (options.ifNoneMatch === '*' && before) throw preconditionFailed()
    if (options.ifMatch !== undefined) {
      if (!before) throw noSuchKey()
      if (!sameEtag(options.ifMatch, before.etag)) throw preconditionFailed()
    }
    const object: StoredObject = {
      key,
      // Memory of its own: a small Buffer is cut from a slab of 64 KiB, all of which it would keep.
      body: new Uint8Array(body),
      etag: options.etag ?? `"${createHash('md5').update(body).digest('hex')}"`,
      modifiedAt: this.#clock.now(),
      contentType: options.contentType ?? 'binary/octet-stream',
      contentEncoding: options.contentEncoding ?? null,
      metadata: options.metadata ?? {},
      checksums: options.checksums ?? {},
    }
    objects.set(key, object)
    return object
  }

  /** @returns the upload's id. @throws {AwsError} NoSuchBucket. */
  beginUpload(bucket: string, key: string, options: PutOptions): string {
    this.#objects(bucket)
    return this.uploads.begin(bucket, key, options)
  }

  /**
   * Deletes an object; one that is not there is no error unless `ifMatch` asks for it.
   * @param ifMatch an ETag or `*`.
   * @throws {AwsError} NoSuchBucket; 412 PreconditionFailed; 404 NoSuchKey.
   */
  delete(bucket: string, key: string, ifMatch?: string): void {
    const objects = this.#objects(bucket)
    const before = objects.get(key)
    if (ifMatch !== undefined) {
      if (!before) throw noSuchKey()
      if (ifMatch !== '*' && !sameEtag(ifMatch, before.etag)) throw preconditionFailed()
    }
    objects.delete(key)
  }

  /** Objects whose key begins with `prefix`, in the order of their keys' UTF-8 bytes. @throws {AwsError} NoSuchBucket. */
  list(bucket: string, prefix = ''): StoredObject[] {
    return [...this.#objects(bucket).values()]
      .filter((object) => object.key.startsWith(prefix))
      .toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))
  }

  #objects(bucket: string): Map<string, StoredObject> {
    const found = this.#buckets.get(bucket)
    if (!found) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404)
    return found.objects
  }
}

export function noSuchKey(): AwsError {
  return new AwsError('NoSuchKey', 'The specified key does not exist.', 404)
}

function preconditionFailed(): AwsError {
  return new AwsError(
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    412,
  )
}

function conditionalRequestConflict(): AwsError {
  return new AwsError(
    'ConditionalRequestConflict',
    'The conditional request cannot succeed due to a conflicting operation against this resource.',
    409,
  )
}

/** ETags are compared without regard to their quotes: clients send them either way. */
export function sameEtag(a: string, b: string): boolean {
  return a.replaceAll('"', '') === b.replaceAll('"', '')
}
