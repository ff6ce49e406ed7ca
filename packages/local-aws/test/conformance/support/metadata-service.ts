import { request, type IncomingHttpHeaders } from 'node:http'
import { startImds, type MetadataSettings } from '../../../src/instances/container/imds.ts'
import { metadataView } from '../../../src/instances/container/metadata-view.ts'
import { CurrentCredentials } from '../../../src/instances/container/role-credentials.ts'
import type { Scene } from './scene.ts'

type Answer = { status: number; headers: IncomingHttpHeaders; body: string }
type Ask = { method?: string; headers?: Record<string, string>; from?: string | undefined }

/** Why no row about metadata is for an account. */
export const onTheInstance = 'metadata are read on the instance itself'

/** The metadata service of `ids`, over real HTTP. Each instance asks from an address of its own. */
export async function metadataService(
  scene: Scene,
  ids: readonly string[],
  change: Partial<MetadataSettings> = {},
) {
  const { cloud } = scene
  const credentials = new CurrentCredentials()
  const addresses = new Map(ids.map((id, index) => [`127.0.0.${index + 2}`, id]))
  const imds = await startImds({
    host: '0.0.0.0',
    clock: cloud.clock,
    view: (ip) => {
      const instance = cloud.ec2.instance(addresses.get(ip) ?? '')
      if (!instance) return null
      const role = instance.profile
      const issue = () => cloud.identities.issue(instance.id, role ?? '')
      const keys = role === null ? null : credentials.of(instance.id, cloud.clock.now(), issue)
      const spec = { ...instance, instanceId: instance.id, role, userData: null, tags: {} }
      return { ...metadataView(cloud, spec, keys), ...change }
    },
  })
  scene.cleanUp.add('metadata service', () => imds.close())
  const addressOf = new Map([...addresses].map(([address, id]) => [id, address]))
  const ask = (path: string, { method = 'GET', headers = {}, from = ids[0] }: Ask = {}): Promise<Answer> =>
    send(imds.port, { path, method, headers, localAddress: addressOf.get(from ?? '') ?? '127.0.0.9' })
  const token = (ttl = '21600', more: Ask = {}): Promise<Answer> =>
    ask('/latest/api/token', {
      method: 'PUT',
      ...more,
      headers: { 'X-aws-ec2-metadata-token-ttl-seconds': ttl, ...more.headers },
    })
  return {
    ask,
    token,
    /** Of /latest/meta-data/, with a fresh token. */
    get: async (path: string, method = 'GET'): Promise<Answer> => {
      const headers = { 'X-aws-ec2-metadata-token': (await token('60')).body }
      return await ask(`/latest/meta-data/${path}`, { method, headers })
    },
  }
}

type Sent = { path: string; method: string; headers: Record<string, string>; localAddress: string }

function send(port: number, options: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, agent: false, ...options }, (response) => {
      response.setEncoding('utf8')
      let body = ''
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    sent.on('error', reject)
    sent.end()
  })
}
