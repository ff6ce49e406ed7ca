import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { agentKeys } from '@switchover/contract/store'
import { createCloud } from '@switchover/local-aws/create-cloud'
import { startImds } from '@switchover/local-aws/instances/container/imds'
import type { InstanceView } from '@switchover/local-aws/instances/container/imds'
import { noMachines } from '@switchover/local-aws/instances/none'
import { RealClock } from '@switchover/local-aws/real-clock'
import { seededRandom } from '@switchover/local-aws/seeded-random'
import { startServer } from '@switchover/local-aws/server'
import { emptyBody, type WireRequest, type WireResponse } from '@switchover/local-aws/wire/message'
import { signatureHolds } from './sig-v4.ts'

const region = 'eu-west-1'
const bucket = 'bucket'
export const credentials = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'sec/re+tsec/re+tsec/re+tsec/re+tsec/re+t',
  token: `to/ken+${'x'.repeat(900)}==`,
}

/**
 * The metadata service of this machine, and an S3 that checks signatures: the local AWS keeps no secrets, so what it
 * answers is held back where the signature does not hold.
 */
export class Store {
  /** What the role's and the bucket's policy say of the agent. */
  allowed = { signed: true, unsigned: false }
  metadataEndpoint: InstanceView['httpEndpoint'] = 'enabled'
  role: string | null = 'web-role'
  /** An origin it sends every request for an object to. */
  redirect: string | null = null
  /** Requests for objects, `signed` or `unsigned` and the path. */
  readonly asked: string[] = []
  readonly metadataAsked: string[] = []
  readonly #tarballs = new Map<string, Uint8Array>()
  #close: (() => Promise<void>)[] = []
  url = ''
  imds = ''

  async open(): Promise<void> {
    const clock = new RealClock()
    const cloud = createCloud({ clock, random: seededRandom(1), machines: () => noMachines, region })
    const server = await startServer(cloud, {
      host: '127.0.0.1',
      port: 0,
      intercept: (_, proceed, request) => this.#answer(request, proceed),
    })
    const metadata = await startImds({
      host: '127.0.0.1',
      clock,
      view: () => this.#instance(),
      onRequest: ({ method, path, token }) =>
        this.metadataAsked.push(`${method} ${path}${token ? '' : ' without a token'}`),
    })
    this.#close = [() => server.close(), () => metadata.close()]
    this.url = server.url
    this.imds = `http://127.0.0.1:${metadata.port}`
    await this.#s3().send(new CreateBucketCommand({ Bucket: bucket }))
  }

  async close(): Promise<void> {
    for (const close of this.#close) await close()
  }

  async put(prefix: string, version: string, arch: 'x64' | 'arm64', tarball: Uint8Array): Promise<void> {
    const { tarball: Key } = agentKeys(prefix, version, arch)
    await this.#s3().send(new PutObjectCommand({ Bucket: bucket, Key, Body: tarball }))
    this.#tarballs.set(`/${bucket}/${Key}`, tarball)
  }

  #s3(): S3Client {
    const owner = { accessKeyId: 'owner', secretAccessKey: 'owner' }
    return new S3Client({ endpoint: this.url, region, credentials: owner, forcePathStyle: true })
  }

  async #answer(request: WireRequest, proceed: () => Promise<WireResponse>): Promise<WireResponse> {
    if (request.method !== 'GET') return proceed()
    if (this.redirect !== null)
      return { status: 307, headers: { location: `${this.redirect}${request.path}` }, body: emptyBody }
    const { authorization } = request.headers
    this.asked.push(`${authorization === undefined ? 'unsigned' : 'signed'} ${request.path}`)
    if (authorization !== undefined) {
      const { accessKeyId, secretAccessKey, token } = credentials
      const holds = signatureHolds(request, accessKeyId, secretAccessKey)
      if (!holds || request.headers['x-amz-security-token'] !== token) return refusal('SignatureDoesNotMatch')
      return this.allowed.signed ? proceed() : refusal('AccessDenied')
    }
    // The local AWS answers nobody without a name; a bucket's policy can.
    const body = this.#tarballs.get(decodeURIComponent(request.path))
    return this.allowed.unsigned && body ? { status: 200, headers: {}, body } : refusal('AccessDenied')
  }

  #instance(): InstanceView {
    const at = Date.now()
    return {
      httpTokens: 'optional',
      httpEndpoint: this.metadataEndpoint,
      tokenReachesCaller: true,
      fault: null,
      metadata: {
        instanceId: 'i-0123456789abcdef0',
        ip: '127.0.0.1',
        imageId: 'ami-0123456789abcdef0',
        instanceType: 't3.small',
        architecture: 'x86_64',
        availabilityZone: `${region}a`,
        region,
        account: '123456789012',
        role: this.role,
        userData: null,
        launchedAt: at,
        targetLifecycleState: null,
        spot: { interruption: null, rebalanceAt: null },
        tags: null,
        credentials: { ...credentials, expiration: at + 3_600_000, updated: at },
      },
    }
  }
}

function refusal(code: string): WireResponse {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`
  return { status: 403, headers: { 'content-type': 'application/xml' }, body: Buffer.from(body) }
}
