import { PutObjectCommand } from '@aws-sdk/client-s3'
import { gzipSync } from 'node:zlib'
import { canonicalTar, revisionOf } from '@switchover/coordinator/publish/canonical-tar'
import * as account from '@switchover/rehearsal/account'
import { keys, type Service } from './service.ts'

export type Bundle = { tar: Uint8Array; revision: string; sha256: string }

/** A bundle of one compose file. */
export async function bundleOf(compose: string): Promise<Bundle> {
  const content = Buffer.from(compose)
  const tar = await canonicalTar([{ kind: 'file', path: 'compose.yaml', content, executable: false }])
  return { tar, ...revisionOf(tar) }
}

/** Puts a bundle into the store, unchecked. */
export async function upload({ stage }: Service, { revision, sha256, tar }: Bundle): Promise<void> {
  const { s3 } = stage.clients
  const Bucket = account.bucket
  await s3.send(new PutObjectCommand({ Bucket, Key: keys.bundleChecksum(revision), Body: `${sha256}\n` }))
  await s3.send(new PutObjectCommand({ Bucket, Key: keys.bundle(revision), Body: gzipSync(tar) }))
}
