import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3'
import { describe, expect, test } from 'vitest'
import { classify, errorCode, refusalOf } from './errors.ts'

function aws(Code: string, message = 'refused', httpStatusCode = 400): Error {
  return Object.assign(new Error(message), { name: Code, Code, $metadata: { httpStatusCode } })
}

/** As the SDK makes modelled errors: the name of the shape, the wire's code beside it or not. */
function modelled(name: string, httpStatusCode = 400): Error {
  return Object.assign(new Error('refused'), { name, $metadata: { httpStatusCode } })
}

const min =
  'AutoScalingGroup g has min-size=1, max-size=1, and desired-size=1. To place into standby 1 instance, please update the AutoScalingGroup sizes appropriately.'

test.each([
  ['busy', aws('ScalingActivityInProgress')],
  ['busy', modelled('ScalingActivityInProgressFault')],
  ['busy', modelled('ResourceContentionFault', 500)],
  ['busy', modelled('ResourceInUseFault')],
  ['throttle', aws('Throttling', 'Rate exceeded')],
  ['throttle', aws('RequestLimitExceeded', 'refused', 503)],
  ['miss', aws('ValidationError', 'The instance i-1 is not in InService.')],
  ['miss', aws('ValidationError', 'The instance i-1 is not part of Auto Scaling group g.')],
  ['miss', aws('ValidationError', 'No active Lifecycle Action found with instance ID i-1')],
  ['miss', aws('ValidationError', min)],
  ['miss', aws('InvalidInstanceID.NotFound')],
  ['other', aws('ValidationError', 'AutoScalingGroup name not found - null')],
  ['credentials', aws('ExpiredToken', 'expired', 403)],
  ['credentials', aws('RequestExpired', 'Request has expired.', 400)],
  ['credentials', modelled('CredentialsProviderError')],
  ['denied', aws('AccessDenied', 'no', 403)],
  ['denied', modelled('AccessDeniedException', 400)],
  ['denied', aws('UnauthorizedOperation', 'no', 403)],
  ['denied', aws('OperationNotPermitted', "The instance 'i-1' may not be terminated.")],
  ['transport', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
  ['transport', Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })],
  ['transport', Object.assign(new Error('too slow'), { name: 'TimeoutError' })],
  ['transport', aws('InternalFailure', 'oops', 500)],
  ['other', new TypeError('a bug')],
  ['other', 'not even an error'],
] as const)('%s: %s', (kind, error) => {
  expect(classify(error)).toBe(kind)
})

describe('errors of AWS', () => {
  test('are compared by the code on the wire, else by a name without its ending', () => {
    expect(errorCode(Object.assign(modelled('ResourceInUseFault'), { Code: 'ResourceInUse' }))).toBe(
      'ResourceInUse',
    )
    expect(errorCode(modelled('TargetGroupNotFoundException'))).toBe('TargetGroupNotFound')
  })

  test('become one sentence with the right exit code, and a bug stays a bug', () => {
    expect(refusalOf(aws('ExpiredToken', 'The token is expired.', 403), 'deploying web')).toMatchObject({
      exitCode: 2,
      message: 'AWS refused the credentials while deploying web: The token is expired.',
    })
    const unauthorized = 'User: x is not authorized to perform: ec2:TerminateInstances.'
    const encoded = `${unauthorized} Encoded authorization failure message: 4gcBuY2p-_5D`
    expect(refusalOf(aws('UnauthorizedOperation', encoded, 403), 'ending i-1')).toMatchObject({
      exitCode: 2,
      message: `AWS denied permission while ending i-1: ${unauthorized}`,
    })
    expect(refusalOf(new Error('Region is missing'), 'x')).toMatchObject({ exitCode: 2 })
    expect(refusalOf(aws('ServiceUnavailable', 'down', 503), 'x')).toMatchObject({ exitCode: 1 })
    expect(refusalOf(aws('ValidationError', 'no such thing'), 'x')).toMatchObject({ exitCode: 1 })
    expect(refusalOf(new TypeError('a bug'), 'x')).toBeNull()
  })

  test('a region that is no name of a host', async () => {
    const client = new S3Client({
      region: 'us_east_1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    })
    const error: unknown = await client.send(new ListBucketsCommand()).catch((thrown: unknown) => thrown)
    expect(refusalOf(error, 'x')).toMatchObject({
      exitCode: 2,
      message: '"us_east_1" is no AWS region: give --region.',
    })
  })
})
