import { packBundle, uploadBundle } from '../publish/bundle.ts'
import { readAgentTarball, uploadAgent } from '../publish/agent.ts'
import { storeOf, storeOfService } from '../publish/store.ts'
import type { Ports } from '../run/ports.ts'
import type { ResultEvent } from '../events.ts'

export type PublishOptions = Readonly<{
  service: string
  directory: string
  /** `s3://…`; null: what the service's groups are tagged with. */
  store: string | null
  /** Directory of Docker's config.json. */
  dockerConfig: string
  insecureRegistries: readonly string[]
}>

export type PublishAgentOptions = Readonly<{ tarball: string; store: string; version: string | null }>

type PublishPorts = Pick<Ports, 'clients' | 'clock' | 'emit'>

/** `switchover publish SERVICE DIR`: packs, checks and uploads a bundle; changes no tag. */
export async function publish(ports: PublishPorts, options: PublishOptions): Promise<ResultEvent> {
  const { clients, clock, emit } = ports
  const { service, directory, dockerConfig, insecureRegistries } = options
  const bundle = await packBundle(directory, { ecr: clients.ecr, dockerConfig, insecureRegistries })
  for (const [image, digest] of Object.entries(bundle.lock.images))
    emit({ event: 'progress', at: clock.now(), text: `${image} is ${digest}` })
  const store =
    options.store === null ? await storeOfService(clients.autoScaling, service) : storeOf(options.store)
  const { uploaded, key } = await uploadBundle(clients.s3, store, service, bundle)
  const location = `s3://${store.bucket}/${key}`
  return {
    event: 'result',
    at: clock.now(),
    text: uploaded
      ? `Published bundle ${bundle.revision} of ${service}.`
      : `Bundle ${bundle.revision} of ${service} is in the store already.`,
    outcome: 'done',
    exitCode: 0,
    next: `switchover deploy ${service} VERSION --bundle ${bundle.revision}`,
    details: {
      revision: bundle.revision,
      sha256: bundle.sha256,
      location,
      uploaded,
      images: bundle.lock.images,
    },
  }
}

/** `switchover publish --agent TARBALL --store URL`: uploads an agent for the user-data to install. */
export async function publishAgent(ports: PublishPorts, options: PublishAgentOptions): Promise<ResultEvent> {
  const { clients, clock } = ports
  const store = storeOf(options.store)
  const agent = await readAgentTarball(options.tarball, options.version)
  const { uploaded, key } = await uploadAgent(clients.s3, store, agent)
  return {
    event: 'result',
    at: clock.now(),
    text: uploaded
      ? `Published agent ${agent.version} for ${agent.arch}.`
      : `Agent ${agent.version} for ${agent.arch} is in the store already.`,
    outcome: 'done',
    exitCode: 0,
    next: null,
    details: { key, sha256: agent.sha256, version: agent.version, arch: agent.arch, uploaded },
  }
}
