import { AwsError } from '../../wire/operation.ts'
import type { S3Operation } from '../request.ts'
import { xmlResponse } from '../responses.ts'
import type { StoredObject } from '../store.ts'

type Row = { name: string; object: StoredObject | null }

/** Where the next page begins: after a key, or after everything under a common prefix. */
type Position = { after: string; folded: boolean }

export const listObjectsV2: S3Operation = (cloud, { bucket, query }) => {
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const token = query.get('continuation-token')
  const startAfter = query.get('start-after')
  const limit = maxKeys(query.get('max-keys'))
  const from = token === null ? { after: startAfter ?? '', folded: false } : readToken(token)
  const rows = fold(
    cloud.objects.list(bucket, prefix).filter((object) => isAfter(object.key, from)),
    prefix,
    delimiter,
  )
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  const encode = query.get('encoding-type') === 'url' ? encodeKey : (text: string) => text
  return xmlResponse('ListBucketResult', {
    Name: bucket,
    Prefix: encode(prefix),
    Delimiter: delimiter === '' ? undefined : encode(delimiter),
    EncodingType: query.get('encoding-type') ?? undefined,
    StartAfter: startAfter === null ? undefined : encode(startAfter),
    ContinuationToken: token ?? undefined,
    NextContinuationToken: last && writeToken({ after: last.name, folded: last.object === null }),
    KeyCount: page.length,
    MaxKeys: limit,
    IsTruncated: last !== undefined,
    Contents: page.flatMap(({ object }) => (object ? [contentsOf(object, encode)] : [])),
    CommonPrefixes: page.filter((row) => row.object === null).map((row) => ({ Prefix: encode(row.name) })),
  })
}

function contentsOf(object: StoredObject, encode: (text: string) => string) {
  return {
    Key: encode(object.key),
    LastModified: new Date(object.modifiedAt),
    ETag: object.etag,
    Size: object.body.byteLength,
    StorageClass: 'STANDARD',
  }
}

/** Keys that go on past a delimiter are told once, by what they share. */
function fold(objects: readonly StoredObject[], prefix: string, delimiter: string): Row[] {
  const rows: Row[] = []
  for (const object of objects) {
    const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length)
    if (end < 0) rows.push({ name: object.key, object })
    else {
      const name = object.key.slice(0, end + delimiter.length)
      if (rows.at(-1)?.name !== name) rows.push({ name, object: null })
    }
  }
  return rows
}

function isAfter(key: string, { after, folded }: Position): boolean {
  if (after === '') return true
  if (folded && key.startsWith(after)) return false
  return Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0
}

function maxKeys(text: string | null): number {
  if (text === null) return 1_000
  if (!/^\d{1,10}$/.test(text))
    throw new AwsError('InvalidArgument', 'Provided max-keys not an integer or within integer range')
  return Math.min(1_000, Number(text))
}

function writeToken(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

function readToken(token: string): Position {
  try {
    const { after, folded } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Position
    if (typeof after === 'string' && typeof folded === 'boolean') return { after, folded }
  } catch {
    // Told below, as any other token that is none.
  }
  throw new AwsError('InvalidArgument', 'The continuation token provided is incorrect')
}

function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/')
}
