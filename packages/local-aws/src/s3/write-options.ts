import { AwsError } from '../wire/operation.ts'
import type { PutOptions } from './store.ts'

const metadataPrefix = 'x-amz-meta-'

/** What the headers of a write say of the object itself. */
export function describedBy(headers: Readonly<Record<string, string>>): PutOptions {
  const contentType = headers['content-type']
  const encoding = contentEncoding(headers['content-encoding'])
  return {
    metadata: metadataOf(headers),
    ...(contentType === undefined ? {} : { contentType }),
    ...(encoding === '' ? {} : { contentEncoding: encoding }),
  }
}

/** The conditions of a write. @throws {AwsError} 501 NotImplemented for what S3 does not take. */
export function conditionsOf(headers: Readonly<Record<string, string>>): PutOptions {
  const ifNoneMatch = headers['if-none-match']
  const ifMatch = headers['if-match']
  if (ifNoneMatch === undefined) return ifMatch === undefined ? {} : { ifMatch }
  if (ifNoneMatch !== '*' || ifMatch !== undefined) throw notImplemented()
  return { ifNoneMatch }
}

export function notImplemented(): AwsError {
  return new AwsError(
    'NotImplemented',
    'A header you provided implies functionality that is not implemented',
    501,
  )
}

/** `aws-chunked` is about the transfer; what remains is stored. */
function contentEncoding(header = ''): string {
  return header
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== 'aws-chunked')
    .join(',')
}

function metadataOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(metadataPrefix))
      .map(([name, value]) => [name.slice(metadataPrefix.length), value]),
  )
}
