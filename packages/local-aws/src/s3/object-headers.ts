import type { StoredObject } from './store.ts'

/** What GetObject and HeadObject tell of an object. HTTP dates have whole seconds. */
export function objectHeaders(object: StoredObject): Record<string, string> {
  const metadata = Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])
  return {
    'accept-ranges': 'bytes',
    'content-type': object.contentType,
    etag: object.etag,
    'last-modified': new Date(object.modifiedAt).toUTCString(),
    'x-amz-server-side-encryption': 'AES256',
    ...(object.contentEncoding === null ? {} : { 'content-encoding': object.contentEncoding }),
    ...(Object.fromEntries(metadata) as Record<string, string>),
  }
}
