import { hex, uuid } from '../ids.ts'
import { AwsError } from '../wire/operation.ts'
import { digestOf } from './images.ts'

/** What a client is told to send in one part (ECR API reference, InitiateLayerUpload). */
export const partBytes = 20_971_520

/** Layers on their way in, part by part. */
export class LayerUploads {
  readonly #random: () => number
  readonly #uploads = new Map<string, Buffer[]>()

  constructor(random: () => number) {
    this.#random = random
  }

  begin(): string {
    const id = `${uuid(this.#random)}${hex(this.#random, 8)}`
    this.#uploads.set(id, [])
    return id
  }

  /** @returns the last byte received so far. @throws {AwsError} UploadNotFoundException, InvalidLayerPartException. */
  part(id: string, firstByte: number, lastByte: number, bytes: Buffer): number {
    const parts = this.#parts(id)
    const received = parts.reduce((sum, part) => sum + part.length, 0)
    if (firstByte !== received || lastByte !== received + bytes.length - 1)
      throw new AwsError(
        'InvalidLayerPartException',
        `The layer part number is not valid, or the first byte is not the one after the last byte received: ${received - 1}`,
      )
    parts.push(bytes)
    return lastByte
  }

  /** @returns the layer's bytes. @throws {AwsError} UploadNotFoundException, EmptyUploadException, InvalidLayerException. */
  complete(id: string, digest: string): Buffer {
    const bytes = Buffer.concat(this.#parts(id))
    if (bytes.length === 0) throw new AwsError('EmptyUploadException', 'The upload has no layer parts')
    if (digestOf(bytes) !== digest)
      throw new AwsError('InvalidLayerException', `The digest of the layer is not ${digest}`)
    this.#uploads.delete(id)
    return bytes
  }

  #parts(id: string): Buffer[] {
    const parts = this.#uploads.get(id)
    if (!parts) throw new AwsError('UploadNotFoundException', `The upload with id '${id}' could not be found`)
    return parts
  }
}
