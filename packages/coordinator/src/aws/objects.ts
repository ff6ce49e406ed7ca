import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { Refusal } from '../events.ts'
import { isMissingObject } from './errors.ts'

/** The text of an object, null where there is none. */
export async function readText(s3: S3Client, bucket: string, key: string): Promise<string | null> {
  try {
    const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    return (await answer.Body?.transformToString()) ?? ''
  } catch (error) {
    if (isMissingObject(error)) return null
    throw storeProblem(bucket, error)
  }
}

/** A Refusal where the store itself is at fault, else the error as it was. */
export function storeProblem(bucket: string, error: unknown): unknown {
  const name = error instanceof Error ? error.name : ''
  if (name === 'NoSuchBucket')
    return new Refusal(2, 'refused', `The store's bucket ${bucket} does not exist.`, null, error)
  if (name === 'AccessDenied' || name === 'Forbidden' || name === 'AllAccessDisabled')
    return new Refusal(2, 'refused', `The store's bucket ${bucket} refuses these credentials.`, null, error)
  return error
}
