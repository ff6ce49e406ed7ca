import type { S3Request } from '../../s3/request.ts'
import type { Permission } from '../evaluate.ts'
import { permission } from './permission.ts'

type Request = Pick<S3Request, 'bucket' | 'key' | 'query' | 'headers'>

/**
 * What an operation of S3 needs, undefined where no action is mapped to it. DeleteObjects needs nothing as a whole: each
 * of its keys is judged by itself.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 */
export function s3Permissions(operation: string, request: Request): readonly Permission[] | undefined {
  return table[operation]?.(request)
}

export function listBucket({ bucket, query }: Pick<Request, 'bucket' | 'query'>): Permission {
  return permission('s3:ListBucket', arn(bucket), {
    's3:prefix': query.get('prefix'),
    's3:delimiter': query.get('delimiter'),
    's3:max-keys': query.get('max-keys'),
  })
}

export function deleteObject({ bucket, key }: Pick<Request, 'bucket' | 'key'>): Permission {
  return permission('s3:DeleteObject', arn(bucket, key))
}

/** A write under If-Match reads the ETag, too (S3 user guide, conditional-writes: s3:PutObject and s3:GetObject). */
function write({ bucket, key, headers }: Request): Permission[] {
  const put = permission('s3:PutObject', arn(bucket, key), {
    's3:if-match': headers['if-match'],
    's3:if-none-match': headers['if-none-match'],
  })
  return headers['if-match'] === undefined ? [put] : [put, permission('s3:GetObject', arn(bucket, key))]
}

const table: Readonly<Record<string, (request: Request) => readonly Permission[]>> = {
  ListBuckets: () => [permission('s3:ListAllMyBuckets', '*')],
  CreateBucket: ({ bucket }) => [permission('s3:CreateBucket', arn(bucket))],
  DeleteBucket: ({ bucket }) => [permission('s3:DeleteBucket', arn(bucket))],
  HeadBucket: ({ bucket }) => [permission('s3:ListBucket', arn(bucket))],
  ListObjectsV2: (request) => [listBucket(request)],
  DeleteObjects: () => [],
  PutObject: write,
  GetObject: ({ bucket, key }) => [permission('s3:GetObject', arn(bucket, key))],
  HeadObject: ({ bucket, key }) => [permission('s3:GetObject', arn(bucket, key))],
  DeleteObject: (request) => [deleteObject(request)],
  CreateMultipartUpload: write,
  UploadPart: write,
  CompleteMultipartUpload: write,
  AbortMultipartUpload: ({ bucket, key }) => [permission('s3:AbortMultipartUpload', arn(bucket, key))],
}

function arn(bucket: string, key?: string): string {
  return `arn:aws:s3:::${bucket}${key === undefined ? '' : `/${key}`}`
}
