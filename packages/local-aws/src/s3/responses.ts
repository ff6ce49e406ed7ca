import { emptyBody, type WireResponse } from '../wire/message.ts'
import type { Output } from '../wire/operation.ts'
import { element, encodeFields, xmlHeader } from '../wire/xml.ts'

const xmlns = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'

/** An answer whose document element is `name`. Lists are flattened, as S3 writes most of its own. */
export function xmlResponse(name: string, fields: Output): WireResponse {
  const body = Buffer.from(xmlHeader + element(name, encodeFields(fields, null), xmlns))
  return { status: 200, headers: { 'content-type': 'application/xml' }, body }
}

export function emptyResponse(status: number, headers: Readonly<Record<string, string>> = {}): WireResponse {
  return { status, headers, body: emptyBody }
}
