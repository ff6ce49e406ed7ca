import { objectHeaders } from '../object-headers.ts'
import type { S3Operation } from '../request.ts'
import { getObject } from './get-object.ts'

/** As GetObject, with the length of what is not sent. */
export const headObject: S3Operation = (cloud, request) => {
  const response = getObject(cloud, request)
  const object = cloud.objects.get(request.bucket, request.key)
  if (response.status !== 200 || !object) return response
  return {
    ...response,
    headers: {
      ...response.headers,
      ...objectHeaders(object),
      'content-length': String(object.body.byteLength),
    },
  }
}
