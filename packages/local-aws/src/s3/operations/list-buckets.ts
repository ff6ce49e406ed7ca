import type { S3Operation } from '../request.ts'
import { xmlResponse } from '../responses.ts'

export const listBuckets: S3Operation = (cloud) => {
  const buckets = cloud.objects
    .buckets()
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((bucket) => ({ Name: bucket.name, CreationDate: new Date(bucket.createdAt) }))
  return xmlResponse('ListAllMyBucketsResult', {
    Owner: { ID: cloud.account },
    Buckets: { Bucket: buckets },
  })
}
