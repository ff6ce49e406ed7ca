import type { Operation } from '../wire/operation.ts'
import { batchGetImage } from './operations/batch-get-image.ts'
import { createRepository } from './operations/create-repository.ts'
import { describeImages } from './operations/describe-images.ts'
import { getAuthorizationToken } from './operations/get-authorization-token.ts'
import { getDownloadUrlForLayer } from './operations/get-download-url-for-layer.ts'
import { putImage } from './operations/put-image.ts'

/** ECR, API version 2015-09-21. */
export const ecrOperations: Record<string, Operation> = {
  CreateRepository: createRepository,
  PutImage: putImage,
  BatchGetImage: batchGetImage,
  DescribeImages: describeImages,
  GetDownloadUrlForLayer: getDownloadUrlForLayer,
  GetAuthorizationToken: getAuthorizationToken,
}
