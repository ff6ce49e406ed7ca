import { expect, test } from 'vitest'
import { digestOf } from '../../src/ecr/images.ts'
import { describeWithBotocore } from './describe.ts'

type Upload = { UploadId: string }

describeWithBotocore(['s3', 'ecr', 'sts'], (aws) => {
  test('STS', async () => {
    const { done, refused } = aws().of('sts')
    const { account } = aws().service.cloud
    expect(await done('GetCallerIdentity')).toMatchObject({ Account: account })
    const assume = { RoleArn: `arn:aws:iam::${account}:role/web`, RoleSessionName: 'ops' }
    await done('AssumeRole', assume)
    const foreign = { ...assume, RoleArn: 'arn:aws:iam::000000000000:role/web' }
    expect(await refused('AssumeRole', foreign)).toBe('AccessDenied')
  })

  test('S3', async () => {
    const { done, refused } = aws().of('s3')
    const Bucket = 'files'
    const object = { Bucket, Key: 'a/b' }
    await done('CreateBucket', { Bucket })
    await done('HeadBucket', { Bucket })
    await done('ListBuckets')
    const content = { Body: 'one & <two>', Metadata: { kind: 'text' } }
    await done('PutObject', { ...object, ...content })
    expect(await done('GetObject', object)).toMatchObject(content)
    await done('HeadObject', object)
    expect(await done('ListObjectsV2', { Bucket, MaxKeys: 1, Prefix: 'a' })).toMatchObject({
      KeyCount: 1,
      Contents: [{ Key: 'a/b' }],
    })
    expect(await done('ListObjectsV2', { Bucket, Delimiter: '/' })).toMatchObject({
      CommonPrefixes: [{ Prefix: 'a/' }],
    })
    const { UploadId } = await done<Upload>('CreateMultipartUpload', object)
    const upload = { ...object, UploadId }
    const part = await done<{ ETag: string }>('UploadPart', { ...upload, PartNumber: 1, Body: 'part' })
    const Parts = [{ ETag: part.ETag, PartNumber: 1 }]
    await done('CompleteMultipartUpload', { ...upload, MultipartUpload: { Parts } })
    const given = await done<Upload>('CreateMultipartUpload', object)
    await done('AbortMultipartUpload', { ...object, UploadId: given.UploadId })
    const Delete = { Objects: [{ Key: 'a/b' }, { Key: 'c' }] }
    expect(await done('DeleteObjects', { Bucket, Delete })).toMatchObject({ Deleted: [{}, {}] })
    await done('DeleteObject', object)
    expect(await refused('GetObject', object)).toBe('NoSuchKey')
    expect(await refused('HeadObject', object)).toBe('404')
    expect(await refused('ListObjectsV2', { Bucket: 'nowhere' })).toBe('NoSuchBucket')
    expect(await refused('AbortMultipartUpload', upload)).toBe('NoSuchUpload')
    await done('PutObject', { ...object, Body: '' })
    expect(await refused('DeleteBucket', { Bucket })).toBe('BucketNotEmpty')
    await done('DeleteObject', object)
    await done('DeleteBucket', { Bucket })
  })

  test('ECR', async () => {
    const { done, refused } = aws().of('ecr')
    const repository = { repositoryName: 'team/api' }
    await done('CreateRepository', repository)
    expect(await refused('CreateRepository', repository)).toBe('RepositoryAlreadyExistsException')
    const { uploadId } = await done<{ uploadId: string }>('InitiateLayerUpload', repository)
    const digest = digestOf(Buffer.from('layer'))
    const bytes = { partFirstByte: 0, partLastByte: 4, layerPartBlob: 'layer' }
    await done('UploadLayerPart', { ...repository, uploadId, ...bytes })
    await done('CompleteLayerUpload', { ...repository, uploadId, layerDigests: [digest] })
    const layerDigests = [digest, digestOf(Buffer.from('none'))]
    await done('BatchCheckLayerAvailability', { ...repository, layerDigests })
    await done('GetDownloadUrlForLayer', { ...repository, layerDigest: digest })
    const imageManifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size: 5 }],
    })
    const image = { ...repository, imageManifest, imageTag: 'v1' }
    await done('PutImage', image)
    expect(await refused('PutImage', image)).toBe('ImageAlreadyExistsException')
    const imageIds = [{ imageTag: 'v1' }, { imageTag: 'v2' }]
    expect(await done('BatchGetImage', { ...repository, imageIds })).toMatchObject({
      images: [{ imageManifest }],
      failures: [{ failureCode: 'ImageNotFound' }],
    })
    await done('DescribeImages', repository)
    expect(await refused('DescribeImages', { ...repository, imageIds })).toBe('ImageNotFoundException')
    await done('GetAuthorizationToken')
  })
})
