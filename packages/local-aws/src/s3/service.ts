import type { Cloud } from '../cloud.ts'
import { emptyBody, type WireRequest, type WireResponse } from '../wire/message.ts'
import { AwsError } from '../wire/operation.ts'
import { element, encodeFields, xmlHeader } from '../wire/xml.ts'
import { decodeChunked } from './aws-chunked.ts'
import { verifiedChecksums, verifyPayloadHash } from './checksums.ts'
import { createBucket } from './operations/create-bucket.ts'
import { deleteObject } from './operations/delete-object.ts'
import { deleteObjects } from './operations/delete-objects.ts'
import { getObject } from './operations/get-object.ts'
import { headBucket } from './operations/head-bucket.ts'
import { headObject } from './operations/head-object.ts'
import { listBuckets } from './operations/list-buckets.ts'
import { listObjectsV2 } from './operations/list-objects-v2.ts'
import { putObject } from './operations/put-object.ts'
import { addressOf, type S3Operation, type S3Request } from './request.ts'

/** Query parameters that say no more than the method does, and those of listings. Any other names a subresource that is not here. */
const plainParameters =
  /^(?:x-id|x-amz-.*|list-type|prefix|delimiter|max-keys|continuation-token|start-after|encoding-type|fetch-owner|max-buckets)$/i

/** S3 over REST, API version 2006-03-01. */
export function answerS3(cloud: Cloud, wire: WireRequest): WireResponse {
  const { bucket, key } = addressOf(wire)
  const query = new URLSearchParams(wire.query)
  const operation = operationOf(wire.method, bucket, key, query)
  const response = operation(cloud, { bucket, key, query, headers: wire.headers, ...payloadOf(wire) })
  return wire.method === 'HEAD' ? { ...response, body: emptyBody } : response
}

function operationOf(method: string, bucket: string, key: string, query: URLSearchParams): S3Operation {
  const subresource = [...query.keys()].find((name) => !plainParameters.test(name))
  if (subresource === 'delete' && method === 'POST' && key === '') return deleteObjects
  const target = bucket === '' ? 'account' : key === '' ? 'bucket' : 'object'
  const operation = operations[`${method} ${target}`]
  if (subresource !== undefined || !operation)
    throw new AwsError(
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
      501,
    )
  return operation
}

const operations: Readonly<Record<string, S3Operation>> = {
  'GET account': listBuckets,
  'PUT bucket': createBucket,
  'HEAD bucket': headBucket,
  'GET bucket': listObjectsV2,
  'PUT object': putObject,
  'GET object': getObject,
  'HEAD object': headObject,
  'DELETE object': deleteObject,
}

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
