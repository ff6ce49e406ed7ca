import { PutObjectCommand } from '@aws-sdk/client-s3'
import type { S3Client } from '@aws-sdk/client-s3'
import { storeProblem } from '../aws/objects.ts'

const attemptsMax = 5

/**
 * Writes an object that never changes once written: conditional on its absence. True where this call wrote it.
 * 412 means it is there already; 409 that another write is under way, and AWS asks to try again (S3 user guide, conditional-writes).
 * @throws {Refusal} exit 2 where the bucket is missing or refuses the write.
 */
export async function putOnce(
  s3: S3Client,
  bucket: string,
  key: string,
  body: string | Uint8Array,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, IfNoneMatch: '*' }))
      return true
    } catch (error) {
      const name = error instanceof Error ? error.name : ''
      if (name === 'PreconditionFailed') return false
      if (name === 'ConditionalRequestConflict' && attempt < attemptsMax) continue
      throw storeProblem(bucket, error)
    }
  }
}
