import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { parseStoreUrl, storeKeys } from '@switchover/contract/store'
import type { BundleSource } from '../bundle/install.ts'
import { tarBytesMax } from '../bundle/size.ts'
import type { Clock } from '../clock.ts'
import { retryable, terminal } from '../decide/reason.ts'
import { Failure } from '../failure.ts'
import { awsFailure } from './failure.ts'

const callMs = 60_000

/** Bundles as `switchover publish` puts them into the store. */
export function s3BundleSource(options: {
  s3: S3Client
  store: string
  service: string
  clock: Clock
}): BundleSource {
  const location = parseStoreUrl(options.store)
  if (location === null)
    throw new Failure(terminal('bad-tags', `${options.store} is not written s3://BUCKET/PREFIX.`))
  const { bucket, prefix } = location
  const keys = storeKeys(prefix, options.service)

  async function get(key: string, bytesMax: number, signal: AbortSignal): Promise<Uint8Array> {
    const what = `Reading s3://${bucket}/${key}`
    try {
      const limit = AbortSignal.any([signal, options.clock.deadline(callMs)])
      const answer = await options.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), {
        abortSignal: limit,
      })
      if ((answer.ContentLength ?? 0) > bytesMax) {
        throw new Failure(
          terminal('bundle-too-large', `s3://${bucket}/${key} is larger than ${bytesMax} bytes.`),
        )
      }
      return (await answer.Body?.transformToByteArray()) ?? new Uint8Array()
    } catch (error) {
      if (error instanceof Failure) throw error
      throw missing(`s3://${bucket}/${key}`, error) ?? awsFailure(what, error)
    }
  }

  return {
    checksum: async (revision, signal) =>
      new TextDecoder().decode(await get(keys.bundleChecksum(revision), 1_024, signal)),
    tarball: (revision, signal) => get(keys.bundle(revision), tarBytesMax, signal),
  }
}

/**
 * That an object is not there; null where the error says something else. To a role without s3:ListBucket S3 says 403, and
 * names that permission (S3 API reference, GetObject, Permissions); where it names none, the role itself may be at fault.
 */
function missing(url: string, error: unknown): Failure | null {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  if (name === 'NoSuchKey' || name === 'NoSuchBucket')
    return new Failure(terminal('bundle-not-found', `The store has no ${url}.`), { cause: error })
  if (name !== 'AccessDenied') return null
  if (/not authorized to perform: s3:ListBucket/.test(message)) {
    const sentence = `The store has no ${url}: S3 refuses to say so to a role that may not list the bucket.`
    return new Failure(retryable('bundle-not-found', sentence), { terminalAfter: 3, cause: error })
  }
  if (message.includes('not authorized to perform')) return null
  const sentence = `The store has no ${url}, or the instance's role may not read it: S3 answers AccessDenied to both.`
  return new Failure(retryable('bundle-not-found', sentence), { cause: error })
}
