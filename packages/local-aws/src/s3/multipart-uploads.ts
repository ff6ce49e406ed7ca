import { createHash } from 'node:crypto'
import { AwsError } from '../wire/operation.ts'
import type { PutOptions } from './store.ts'

type Part = { body: Uint8Array; md5: Buffer }

type Upload = { bucket: string; key: string; options: PutOptions; parts: Map<number, Part> }

/** Every part but the last has at least this size (S3 user guide, multipart upload limits). */
const partBytesMin = 5 * 1024 ** 2

/** Objects on their way in, part by part. */
export class MultipartUploads {
  readonly #newId: () => string
  readonly #uploads = new Map<string, Upload>()

  constructor(newId: () => string) {
    this.#newId = newId
  }

  begin(bucket: string, key: string, options: PutOptions): string {
    const id = this.#newId()
    this.#uploads.set(id, { bucket, key, options, parts: new Map() })
    return id
  }

  /** @returns the part's ETag. @throws {AwsError} NoSuchUpload, InvalidArgument. */
  part(id: string, number: number, body: Uint8Array): string {
    const upload = this.#upload(id)
    if (!Number.isInteger(number) || number < 1 || number > 10_000)
      throw new AwsError('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive')
    const md5 = createHash('md5').update(body).digest()
    upload.parts.set(number, { body, md5 })
    return etagOf(md5)
  }

  /**
   * The object the listed parts make, with S3's own ETag for it: the md5 of the parts' md5s and their number.
   * @throws {AwsError} NoSuchUpload, InvalidPart, InvalidPartOrder, EntityTooSmall.
   */
  assemble(id: string, listed: readonly { number: number; etag: string }[]): Assembled {
    const { options, parts } = this.#upload(id)
    const chosen = listed.map(({ number, etag }, index) => {
      const part = parts.get(number)
      if (!part || etagOf(part.md5).replaceAll('"', '') !== etag.replaceAll('"', ''))
        throw new AwsError(
          'InvalidPart',
          "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        )
      if (index > 0 && number <= (listed[index - 1]?.number ?? 0))
        throw new AwsError(
          'InvalidPartOrder',
          'The list of parts was not in ascending order. Parts must be ordered by part number.',
        )
      if (index < listed.length - 1 && part.body.byteLength < partBytesMin)
        throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size')
      return part
    })
    const md5 = createHash('md5')
      .update(Buffer.concat(chosen.map((part) => part.md5)))
      .digest('hex')
    return {
      body: Buffer.concat(chosen.map((part) => part.body)),
      options: { ...options, etag: `"${md5}-${chosen.length}"` },
    }
  }

  /** @throws {AwsError} NoSuchUpload. */
  end(id: string): void {
    this.#upload(id)
    this.#uploads.delete(id)
  }

  #upload(id: string): Upload {
    const upload = this.#uploads.get(id)
    if (!upload)
      throw new AwsError(
        'NoSuchUpload',
        'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
        404,
      )
    return upload
  }
}

export type Assembled = { body: Uint8Array; options: PutOptions }

function etagOf(md5: Buffer): string {
  return `"${md5.toString('hex')}"`
}
