import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pLimit from 'p-limit'
import type { MachineKind } from '../kind.ts'
import { CleanUp, undoAfter } from '../../clean-up.ts'
import { containerName, type MachineHome } from './container-machine.ts'
import { docker, tryDocker, type DockerOutcome } from './docker.ts'
import { Fleet, type MachineCloud, type SettingsOf } from './fleet.ts'
import { startImds, type ImdsRequest } from './imds.ts'
import { createNetwork, removeLeftovers, type MachineNetwork } from './network.ts'
import { startRegistryFront, type RegistryFault } from './registry-front.ts'

export type ContainerMachinesOptions = Readonly<{
  /** Of `ensureMachineImage`. */
  image: string
  /** Of `ensureRegistry`: what the ECR-like registry serves. */
  registryUrl: string
  account?: string
  region?: string
  /** How many boot at a time; each boot takes about 3 s of processor time. */
  bootsAtOnce?: number
  /** How long an orderly power-off may take, seconds. */
  powerOffLimitS?: number
  say: (sentence: string) => void
  /** Where an instance's metadata service is to differ from EC2's defaults, or to fail. */
  metadataSettings?: SettingsOf
  onMetadataRequest?: (request: ImdsRequest) => void
  /** Asked at each request to the registry: what fails now. */
  registryFault?: () => RegistryFault | null
}>

/** A set of container instances on a network of their own, with what EC2 puts around them. */
export type ContainerMachines = Readonly<{
  /** This host's address on their network: the local AWS must listen here too for instances to reach it. */
  gateway: string
  /** The ECR-like registry's name: `<registryHost>/<repository>` inside instances. */
  registryHost: string
  /** For `createCloud({ machines: … })`. Once only. */
  connect: (cloud: MachineCloud) => MachineKind
  /** Runs a command in an instance; never throws for what the command does. `limitMs` is 120 s unless given. */
  exec: (instanceId: string, command: readonly string[], limitMs?: number) => Promise<DockerOutcome>
  /** The system's journal since the last boot, or since ever; of one unit if given. */
  journal: (instanceId: string, choice?: Readonly<{ unit?: string; allBoots?: boolean }>) => Promise<string>
  /** Pulls the plug: EC2 sees the instance stop. */
  crash: (instanceId: string) => Promise<void>
  /** Removes every instance and all that was made for them, whatever went wrong before. Safe to repeat. */
  close: () => Promise<void>
}>

/**
 * Prepares network, metadata service and registry for container instances; needs root, an engine on this host, and
 * iptables. What killed runs left behind is removed first.
 * @throws {Error} with one sentence when the network cannot be made, or the engine is on another machine.
 */
export async function containerMachines(options: ContainerMachinesOptions): Promise<ContainerMachines> {
  const { account = '123456789012', region = 'us-east-1', say } = options
  const removed = await removeLeftovers()
  if (removed > 0) say(`Removed what an earlier run left behind: ${removed} instances and networks.`)
  const cleanUp = new CleanUp()
  try {
    const network = await createNetwork()
    cleanUp.add(() => network.close())
    const directory = await mkdtemp(join(tmpdir(), 'switchover-machines-'))
    cleanUp.add(() => rm(directory, { recursive: true, force: true }))
    const fleet = new Fleet(network, options.metadataSettings ?? (() => ({})))
    cleanUp.add(() => fleet.close())
    const registryHost = `${account}.dkr.ecr.${region}.amazonaws.com`
    await serveMetadata(network, fleet, options, cleanUp)
    const authority = await serveRegistry(network, fleet, registryHost, options, cleanUp)
    const authorityFile = join(directory, 'ca.crt')
    await writeFile(authorityFile, authority)
    const home = homeOf(network, registryHost, authorityFile, await choosesMac(), options)
    const container = (instanceId: string) => containerName(network.name, instanceId)
    return {
      gateway: network.gateway,
      registryHost,
      connect: (cloud) => fleet.connect(cloud, home, () => cleanUp.run()),
      exec: (instanceId, command, limitMs) => tryDocker(['exec', container(instanceId), ...command], limitMs),
      journal: (instanceId, { unit, allBoots = false } = {}) => {
        const choice = [...(allBoots ? [] : ['--boot']), ...(unit === undefined ? [] : ['--unit', unit])]
        const format = ['--no-pager', '--output=short-precise']
        return docker(['exec', container(instanceId), 'journalctl', ...format, ...choice])
      },
      crash: async (instanceId) => void (await docker(['kill', container(instanceId)])),
      close: () => cleanUp.run(),
    }
  } catch (error) {
    return undoAfter(error, () => cleanUp.run())
  }
}

async function serveMetadata(
  network: MachineNetwork,
  fleet: Fleet,
  options: ContainerMachinesOptions,
  cleanUp: CleanUp,
): Promise<void> {
  const imds = await startImds({
    host: network.gateway,
    clock: fleet,
    view: (ip) => fleet.view(ip),
    ...(options.onMetadataRequest && { onRequest: options.onMetadataRequest }),
  }).catch((error: unknown) => {
    const elsewhere = (error as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL'
    throw elsewhere
      ? new Error('The Docker engine does not run on this machine, so instances cannot reach it.')
      : error
  })
  cleanUp.add(() => imds.close())
  await network.serveMetadata(imds.port)
}

async function serveRegistry(
  network: MachineNetwork,
  fleet: Fleet,
  hostname: string,
  options: ContainerMachinesOptions,
  cleanUp: CleanUp,
): Promise<string> {
  const front = await startRegistryFront({
    hostname,
    host: network.gateway,
    upstream: options.registryUrl,
    denial: (token, request) => fleet.denial(token, request),
    ...(options.registryFault && { fault: options.registryFault }),
  })
  cleanUp.add(() => front.close())
  await network.serveTls(front.port)
  return front.authority
}

function homeOf(
  network: MachineNetwork,
  registryHost: string,
  authorityFile: string,
  choosesMac: boolean,
  { image, bootsAtOnce = 3, powerOffLimitS = 90, say }: ContainerMachinesOptions,
): MachineHome {
  return {
    image,
    network: network.name,
    labels: network.labels,
    hosts: { [registryHost]: network.gateway },
    files: { [authorityFile]: `/etc/docker/certs.d/${registryHost}/ca.crt` },
    choosesMac,
    boot: pLimit(bootsAtOnce),
    powerOffLimitS,
    say,
  }
}

/** Engine API 1.44 took the choice of the address over from the engine's own derivation. */
async function choosesMac(): Promise<boolean> {
  const [major = 0, minor = 0] = (await docker(['version', '--format', '{{.Server.APIVersion}}']))
    .split('.')
    .map(Number)
  return major > 1 || minor >= 44
}
