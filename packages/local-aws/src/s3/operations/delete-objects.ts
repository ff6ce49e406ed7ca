import { XMLParser } from 'fast-xml-parser'
import { deleteObject } from '../../iam/permissions/s3.ts'
import { AwsError, type Output } from '../../wire/operation.ts'
import type { S3Operation } from '../request.ts'
import { xmlResponse } from '../responses.ts'

const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
  isArray: (name) => name === 'Object',
})

type Wanted = { Key?: string; ETag?: string }

/** A failure of one key is told in its row; the others are deleted all the same. */
export const deleteObjects: S3Operation = (cloud, { bucket, body, caller }) => {
  const { wanted, quiet } = parse(Buffer.from(body).toString('utf8'))
  const deleted: Output[] = []
  const errors: Output[] = []
  for (const { Key = '', ETag } of wanted) {
    try {
      cloud.access.require(caller, [deleteObject({ bucket, key: Key })])
      cloud.objects.delete(bucket, Key, ETag)
      if (!quiet) deleted.push({ Key })
    } catch (error) {
      if (!(error instanceof AwsError) || error.code === 'NoSuchBucket') throw error
      errors.push({ Key, Code: error.code, Message: error.message })
    }
  }
  return xmlResponse('DeleteResult', { Deleted: deleted, Error: errors })
}

/** At most 1000 keys a call (S3 API reference, DeleteObjects). */
function parse(text: string): { wanted: Wanted[]; quiet: boolean } {
  let root: { Delete?: { Object?: Wanted[]; Quiet?: string } }
  try {
    root = parser.parse(text) as typeof root
  } catch {
    root = {}
  }
  const wanted = root.Delete?.Object
  if (!wanted || wanted.length === 0 || wanted.length > 1_000)
    throw new AwsError(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    )
  return { wanted, quiet: root.Delete?.Quiet?.trim() === 'true' }
}
