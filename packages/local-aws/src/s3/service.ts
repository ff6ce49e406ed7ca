import type { Cloud } from '../cloud.ts'
import { emptyBody, type WireRequest, type WireResponse } from '../wire/message.ts'
import { AwsError, type Caller } from '../wire/operation.ts'
import { element, encodeFields, xmlHeader } from '../wire/xml.ts'
import { decodeChunked } from './aws-chunked.ts'
import { verifiedChecksums, verifyPayloadHash } from './checksums.ts'
import { abortMultipartUpload } from './operations/abort-multipart-upload.ts'
import { completeMultipartUpload } from './operations/complete-multipart-upload.ts'
import { createBucket } from './operations/create-bucket.ts'
import { createMultipartUpload } from './operations/create-multipart-upload.ts'
import { deleteBucket } from './operations/delete-bucket.ts'
import { deleteObject } from './operations/delete-object.ts'
import { deleteObjects } from './operations/delete-objects.ts'
import { getObject } from './operations/get-object.ts'
import { headBucket } from './operations/head-bucket.ts'
import { headObject } from './operations/head-object.ts'
import { listBuckets } from './operations/list-buckets.ts'
import { listObjectsV2 } from './operations/list-objects-v2.ts'
import { putObject } from './operations/put-object.ts'
import { uploadPart } from './operations/upload-part.ts'
import { authorized } from './authorized.ts'
import { addressOf, type S3Operation, type S3Request } from './request.ts'
import { requireSignedHeaders } from './signed-headers.ts'
import { notImplemented } from './write-options.ts'

/** Query parameters that say no more than the method does, and those of listings. Any other names a subresource that is not here. */
const plainParameters =
  /^(?:x-id|x-amz-.*|list-type|prefix|delimiter|max-keys|continuation-token|start-after|encoding-type|fetch-owner|max-buckets|partnumber)$/i

/** S3 over REST, API version 2006-03-01. */
export function answerS3(cloud: Cloud, wire: WireRequest, caller: Caller): WireResponse {
  const name = s3OperationName(wire)
  const operation = name === null ? undefined : operations[name]
  if (!operation) throw notImplemented()
  requireSignedHeaders(wire.headers)
  const { bucket, key } = addressOf(wire)
  const query = new URLSearchParams(wire.query)
  const request = { bucket, key, query, headers: wire.headers, caller, ...payloadOf(wire) }
  const response = authorized(cloud, name ?? '', request, () => operation(cloud, request))
  return wire.method === 'HEAD' ? { ...response, body: emptyBody } : response
}

/** What S3 calls the operation a request asks for, null where this server has none for it. */
export function s3OperationName(wire: WireRequest): string | null {
  const { bucket, key } = addressOf(wire)
  const target = bucket === '' ? 'account' : key === '' ? 'bucket' : 'object'
  const parameters = [...new URLSearchParams(wire.query).keys()]
  const subresource = parameters.find((name) => !plainParameters.test(name))
  const route = `${wire.method} ${target}${subresource === undefined ? '' : `?${subresource}`}`
  return routes[route] ?? null
}

const routes: Readonly<Record<string, string>> = {
  'GET account': 'ListBuckets',
  'PUT bucket': 'CreateBucket',
  'HEAD bucket': 'HeadBucket',
  'DELETE bucket': 'DeleteBucket',
  'GET bucket': 'ListObjectsV2',
  'POST bucket?delete': 'DeleteObjects',
  'PUT object': 'PutObject',
  'GET object': 'GetObject',
  'HEAD object': 'HeadObject',
  'DELETE object': 'DeleteObject',
  'POST object?uploads': 'CreateMultipartUpload',
  'PUT object?uploadId': 'UploadPart',
  'POST object?uploadId': 'CompleteMultipartUpload',
  'DELETE object?uploadId': 'AbortMultipartUpload',
}

const operations: Readonly<Record<string, S3Operation>> = {
  ListBuckets: listBuckets,
  CreateBucket: createBucket,
  HeadBucket: headBucket,
  DeleteBucket: deleteBucket,
  ListObjectsV2: listObjectsV2,
  DeleteObjects: deleteObjects,
  PutObject: putObject,
  GetObject: getObject,
  HeadObject: headObject,
  DeleteObject: deleteObject,
  CreateMultipartUpload: createMultipartUpload,
  UploadPart: uploadPart,
  CompleteMultipartUpload: completeMultipartUpload,
  AbortMultipartUpload: abortMultipartUpload,
}

export const s3OperationNames: readonly string[] = Object.keys(operations)

function payloadOf(wire: WireRequest): Pick<S3Request, 'body' | 'checksums'> {
  const chunked =
    wire.headers['x-amz-content-sha256']?.startsWith('STREAMING-') ||
    wire.headers['content-encoding']?.includes('aws-chunked')
  if (!chunked) {
    verifyPayloadHash(wire.headers, wire.body)
    return { body: wire.body, checksums: verifiedChecksums(wire.headers, wire.body) }
  }
  const { body, trailers } = decodeChunked(wire.body)
  const length = wire.headers['x-amz-decoded-content-length']
  if (length !== undefined && Number(length) !== body.length)
    throw new AwsError(
      'IncompleteBody',
      'You did not provide the number of bytes specified by the Content-Length HTTP header',
    )
  return { body, checksums: verifiedChecksums({ ...wire.headers, ...trailers }, body) }
}

export function s3Error(error: AwsError, request: WireRequest, requestId: string): WireResponse {
  const fields = {
    Code: error.code,
    Message: error.message,
    Resource: request.path,
    RequestId: requestId,
    HostId: Buffer.from(requestId).toString('base64'),
  }
  const body = request.method === 'HEAD' ? '' : xmlHeader + element('Error', encodeFields(fields, null))
  return { status: error.status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(body) }
}
