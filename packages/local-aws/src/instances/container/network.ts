import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { docker, dockerLines, reasonOf, tryDocker } from './docker.ts'
import { fenceOffMetadata, forward, forwardMetadata, networksWithRules, removeRules } from './firewall.ts'
import { ownerIsGone, thisOwner } from './owner.ts'
import { addressIn, freeSubnets } from './subnet.ts'

/** The label that names the process a container or network belongs to, and the one that names its network. */
const OWNER_LABEL = 'switchover.owner'
export const NETWORK_LABEL = 'switchover.network'

const MOST_TRIES = 16
/** Addresses below are for the gateway and for AWS's own (a VPC keeps the first four). */
const FIRST_HOST = 11
const LAST_HOST = 250

/** A bridge network of its own for one set of container instances. */
export type MachineNetwork = Readonly<{
  name: string
  /** This host's address on the bridge: where instances reach the local AWS. */
  gateway: string
  /** An address no instance has had lately. */
  nextIp: () => string
  /** `docker run` arguments that mark a container as one of this network, and of this process. */
  labels: readonly string[]
  /** Answers the metadata address, for instances of this network only, at `port` of the gateway. */
  serveMetadata: (port: number) => Promise<void>
  /** Answers port 443 of the gateway, as instances see it, at `port`. */
  serveTls: (port: number) => Promise<void>
  /** Removes every container on it, its rules and itself. Safe to repeat. */
  close: () => Promise<void>
}>

/**
 * Makes a bridge network on a subnet that no route and no other Docker network overlaps.
 * @throws {Error} when none is free, or the engine refuses.
 */
export async function createNetwork(): Promise<MachineNetwork> {
  const id = randomBytes(4).toString('hex')
  const name = `switchover-${id}`
  const bridge = `swo-${id}`
  const owner = await thisOwner()
  const subnet = await createBridge(name, bridge, owner)
  const gateway = addressIn(subnet, 1)
  let last = FIRST_HOST - 1
  return {
    name,
    gateway,
    nextIp: () => {
      last = last >= LAST_HOST ? FIRST_HOST : last + 1
      return addressIn(subnet, last)
    },
    labels: [`--label=${OWNER_LABEL}=${owner}`, `--label=${NETWORK_LABEL}=${name}`],
    serveMetadata: async (port) => {
      // The fence first: no moment in which an instance could reach another metadata service.
      await fenceOffMetadata(bridge, name)
      await forwardMetadata(bridge, name, `${gateway}:${port}`)
    },
    serveTls: (port) => forward(bridge, name, { address: gateway, port: 443 }, `${gateway}:${port}`),
    close: async () => {
      await removeContainers(await containersOf(`${NETWORK_LABEL}=${name}`))
      await removeRules((network) => network === name)
      await removeNetwork(name)
    },
  }
}

/** Removes what runs that were killed have left: containers with their volumes, networks, rules. Tells how many. */
export async function removeLeftovers(): Promise<number> {
  const containers = await goneIn(['ps', '--all', '--filter', `label=${OWNER_LABEL}`])
  await removeContainers(containers)
  const networks = await goneIn(['network', 'ls', '--filter', `label=${OWNER_LABEL}`])
  for (const network of networks) await removeNetwork(network)
  // Rules first, networks second: a network made in between must not lose its rules.
  const ruled = await networksWithRules()
  const left = new Set(await dockerLines(['network', 'ls', '--format', '{{.Name}}']))
  await removeRules((network) => ruled.has(network) && !left.has(network))
  return containers.length + networks.length
}

async function createBridge(name: string, bridge: string, owner: string): Promise<string> {
  const routes = await readFile('/proc/net/route', 'utf8')
  const candidates = freeSubnets(routes, randomBytes(4).readUInt32BE() / 2 ** 32).slice(0, MOST_TRIES)
  for (const subnet of candidates) {
    const place = ['--subnet', subnet, '--gateway', addressIn(subnet, 1)]
    const options = [
      '--opt',
      `com.docker.network.bridge.name=${bridge}`,
      '--label',
      `${OWNER_LABEL}=${owner}`,
    ]
    const made = await tryDocker(['network', 'create', '--driver', 'bridge', ...place, ...options, name])
    if (made.exitCode === 0) return subnet
    if (!made.stderr.includes('overlap')) throw new Error(`No network for the instances: ${reasonOf(made)}`)
  }
  throw new Error(
    `No free subnet for the instances: tried ${candidates.length} between 172.30.0.0 and 10.213.255.0.`,
  )
}

/** Names of the things `list` prints whose owner has ended. */
async function goneIn(list: readonly string[]): Promise<string[]> {
  const kind = list[0] === 'ps' ? '{{.Names}}' : '{{.Name}}'
  const lines = await dockerLines([...list, '--format', `${kind}\t{{.Label "${OWNER_LABEL}"}}`])
  const gone: string[] = []
  for (const line of lines) {
    const [name = '', owner = ''] = line.split('\t')
    if (await ownerIsGone(owner)) gone.push(name)
  }
  return gone
}

async function containersOf(label: string): Promise<string[]> {
  return dockerLines(['ps', '--all', '--quiet', '--filter', `label=${label}`])
}

async function removeContainers(names: readonly string[]): Promise<void> {
  if (names.length > 0) await docker(['rm', '--force', '--volumes', ...names])
}

async function removeNetwork(name: string): Promise<void> {
  const removed = await tryDocker(['network', 'rm', name])
  if (removed.exitCode !== 0 && !/not found|No such network/i.test(removed.stderr))
    throw new Error(`The network ${name} could not be removed: ${reasonOf(removed)}`)
}
