import type { S3Operation } from '../request.ts'
import { emptyResponse } from '../responses.ts'

export const uploadPart: S3Operation = (cloud, { query, body, checksums }) => {
  const number = Number(query.get('partNumber') ?? Number.NaN)
  const etag = cloud.objects.uploads.part(query.get('uploadId') ?? '', number, body)
  return emptyResponse(200, { etag, ...checksums })
}
