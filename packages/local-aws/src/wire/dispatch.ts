import { randomUUID } from 'node:crypto'
import type { Cloud } from '../cloud.ts'
import { answerLayer, layerPath } from '../ecr/layer-download.ts'
import { answerS3, s3Error, s3OperationName } from '../s3/service.ts'
import { callerOf } from './credentials.ts'
import { answerJson, jsonError } from './json-service.ts'
import type { WireRequest, WireResponse } from './message.ts'
import { AwsError } from './operation.ts'
import { answerQuery, queryError } from './query-service.ts'
import { jsonServiceOf, queryServices } from './services.ts'
import { signatureOf } from './signature.ts'

/**
 * Answers one request of any service: which one, its credential scope says, as one port serves all.
 * An error of AWS becomes a response; any other is a bug and is thrown.
 */
export async function dispatch(cloud: Cloud, request: WireRequest): Promise<WireResponse> {
  const requestId = randomUUID()
  const service = serviceOf(request)
  let response: WireResponse
  try {
    response = await answer(cloud, request, service, requestId)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return refusal(request, error, requestId)
  }
  return { ...response, headers: { ...idHeaders(service, requestId), ...response.headers } }
}

/** The response by which the service a request is for would tell its client of an error. */
export function refusal(
  request: WireRequest,
  error: AwsError,
  requestId: string = randomUUID(),
): WireResponse {
  const service = serviceOf(request)
  const response = errorOf(service, error, request, requestId)
  return { ...response, headers: { ...idHeaders(service, requestId), ...response.headers } }
}

async function answer(
  cloud: Cloud,
  request: WireRequest,
  service: string,
  requestId: string,
): Promise<WireResponse> {
  if (request.path.startsWith(layerPath)) return await answerLayer(cloud, request)
  const signature = signatureOf(request)
  if (!signature) {
    if (service === 's3') throw new AwsError('AccessDenied', 'Access Denied', 403)
    throw new AwsError('MissingAuthenticationToken', 'Missing Authentication Token', 403)
  }
  const caller = callerOf(cloud, service, signature.accessKeyId)
  if (service === 's3') return answerS3(cloud, request, caller)
  const origin = `http://${request.headers['host'] ?? 'localhost'}`
  const body = Buffer.from(request.body).toString('utf8')
  const json = jsonServiceOf(service, request.headers['x-amz-target'])
  if (json)
    return await answerJson(cloud, json, {
      target: request.headers['x-amz-target'] ?? '',
      body,
      caller,
      origin,
    })
  const query = queryServices.get(service)
  if (!query)
    throw new AwsError('InvalidAction', `The service ${service} is not part of this local AWS.`, 400)
  return await answerQuery(cloud, query, { body, caller, origin, requestId })
}

/** What a request asks for, in AWS's own names; the operation is '' where it names none. */
export type Call = Readonly<{ service: string; operation: string }>

export function callOf(request: WireRequest): Call {
  const service = serviceOf(request)
  if (service === 's3') return { service, operation: s3OperationName(request) ?? '' }
  const target = request.headers['x-amz-target']
  if (target !== undefined) return { service, operation: target.split('.')[1] ?? '' }
  const action = /(?:^|&)Action=([^&]*)/.exec(Buffer.from(request.body).toString('utf8'))?.[1]
  return { service, operation: action ?? '' }
}

/** An unsigned request is taken for S3's unless its form says otherwise: only there anonymous requests are usual. */
function serviceOf(request: WireRequest): string {
  const signed = signatureOf(request)?.service
  if (signed) return signed
  if (request.headers['x-amz-target']?.startsWith('AmazonEC2ContainerRegistry_')) return 'ecr'
  const form = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
  return form && request.path === '/' ? 'sts' : 's3'
}

function errorOf(service: string, error: AwsError, request: WireRequest, requestId: string): WireResponse {
  if (service === 's3') return s3Error(error, request, requestId)
  const json = jsonServiceOf(service, request.headers['x-amz-target'])
  if (json) return jsonError(json, error)
  const query = queryServices.get(service)
  const { Version } = Object.fromEntries(new URLSearchParams(Buffer.from(request.body).toString('utf8')))
  const spoken = query?.find(({ version }) => version === Version) ?? query?.[0]
  return queryError(spoken ?? { shape: 'query', xmlns: 'http://webservices.amazon.com/' }, error, requestId)
}

function idHeaders(service: string, requestId: string): Record<string, string> {
  if (service !== 's3') return { 'x-amzn-requestid': requestId }
  return { 'x-amz-request-id': requestId, 'x-amz-id-2': Buffer.from(requestId).toString('base64') }
}
