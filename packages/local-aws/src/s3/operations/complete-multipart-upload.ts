import { XMLParser } from 'fast-xml-parser'
import { AwsError } from '../../wire/operation.ts'
import type { S3Operation } from '../request.ts'
import { xmlResponse } from '../responses.ts'
import { conditionsOf } from '../write-options.ts'

const parser = new XMLParser({ parseTagValue: false, isArray: (name) => name === 'Part' })

export const completeMultipartUpload: S3Operation = (cloud, { bucket, key, query, headers, body }) => {
  const id = query.get('uploadId') ?? ''
  const { uploads } = cloud.objects
  const { body: whole, options } = uploads.assemble(id, parse(Buffer.from(body).toString('utf8')))
  const object = cloud.objects.put(bucket, key, whole, { ...options, ...conditionsOf(headers) })
  uploads.end(id)
  return xmlResponse('CompleteMultipartUploadResult', {
    Location: `/${bucket}/${key}`,
    Bucket: bucket,
    Key: key,
    ETag: object.etag,
  })
}

function parse(text: string): { number: number; etag: string }[] {
  let root: { CompleteMultipartUpload?: { Part?: { PartNumber?: string; ETag?: string }[] } }
  try {
    root = parser.parse(text) as typeof root
  } catch {
    root = {}
  }
  const parts = root.CompleteMultipartUpload?.Part ?? []
  if (parts.length === 0)
    throw new AwsError(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    )
  return parts.map((part) => ({ number: Number(part.PartNumber), etag: part.ETag ?? '' }))
}
