import type { Operation } from '../wire/operation.ts'
import { batchCheckLayerAvailability } from './operations/batch-check-layer-availability.ts'
import { batchGetImage } from './operations/batch-get-image.ts'
import { completeLayerUpload } from './operations/complete-layer-upload.ts'
import { createRepository } from './operations/create-repository.ts'
import { describeImages } from './operations/describe-images.ts'
import { getAuthorizationToken } from './operations/get-authorization-token.ts'
import { getDownloadUrlForLayer } from './operations/get-download-url-for-layer.ts'
import { initiateLayerUpload } from './operations/initiate-layer-upload.ts'
import { putImage } from './operations/put-image.ts'
import { uploadLayerPart } from './operations/upload-layer-part.ts'

/** ECR, API version 2015-09-21. */
export const ecrOperations: Record<string, Operation> = {
  BatchCheckLayerAvailability: batchCheckLayerAvailability,
  BatchGetImage: batchGetImage,
  CompleteLayerUpload: completeLayerUpload,
  CreateRepository: createRepository,
  DescribeImages: describeImages,
  GetAuthorizationToken: getAuthorizationToken,
  GetDownloadUrlForLayer: getDownloadUrlForLayer,
  InitiateLayerUpload: initiateLayerUpload,
  PutImage: putImage,
  UploadLayerPart: uploadLayerPart,
}
