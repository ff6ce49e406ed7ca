import type { Cloud } from '../cloud.ts'
import type { WireRequest, WireResponse } from '../wire/message.ts'
import { AwsError } from '../wire/operation.ts'

/** Links to layers need no signature of the caller, as ECR's own do not: what they show is signed into them. */
export const layerPath = '/-/ecr-layers/'

export function layerLink(cloud: Cloud, origin: string, repository: string, digest: string): string {
  return `${origin}${layerPath}${cloud.registryTokens.signLink(`${repository}@${digest}`)}`
}

/** @throws {AwsError} AccessDenied for a link that is forged or has run out. */
export async function answerLayer(cloud: Cloud, request: WireRequest): Promise<WireResponse> {
  const subject = cloud.registryTokens.readLink(request.path.slice(layerPath.length))
  const [repository = '', digest = ''] = (subject ?? '').split('@')
  const blob = subject === null ? null : await cloud.images.blob(repository, digest)
  if (!blob) throw new AwsError('AccessDenied', 'Request has expired', 403)
  return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: blob }
}
