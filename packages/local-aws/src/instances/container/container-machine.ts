import type { Machine, MachineEvents, MachineSpec } from '../kind.ts'
import { docker, NO_LIMIT, reasonOf, tryDocker, type DockerOutcome } from './docker.ts'
import { hostnameOf, macOf } from './metadata.ts'

/** What all machines of one set share. */
export type MachineHome = Readonly<{
  image: string
  network: string
  labels: readonly string[]
  /** Names and addresses for /etc/hosts. */
  hosts: Readonly<Record<string, string>>
  /** Read-only files: path on this host → path in the machine. */
  files: Readonly<Record<string, string>>
  /** Older engines derive an interface's address from its IP address themselves, and cannot be told. */
  choosesMac: boolean
  /** Lets a few machines boot at a time. */
  boot: (task: () => Promise<void>) => Promise<void>
  /** How long an orderly power-off may take before the plug is pulled, seconds. */
  powerOffLimitS: number
  say: (sentence: string) => void
}>

/** How a container's PID 1 ends when it asks for a restart: reboot(2), "Behavior inside PID namespaces", SIGHUP. */
const REBOOT_EXIT = 129
/** systemd(1): what it does on SIGINT as PID 1 is ctrl-alt-del.target, a reboot. EC2's RebootInstances does the same. */
const CTRL_ALT_DEL = 'SIGINT'
const BOOT_LIMIT_S = 60

/**
 * Everything --privileged gives but CAP_SYS_RESOURCE, which some virtual machines deny their own root: the engine
 * then refuses --privileged altogether.
 */
const RIGHTS = [
  '--cap-add=ALL',
  '--cap-drop=SYS_RESOURCE',
  '--security-opt=seccomp=unconfined',
  '--security-opt=apparmor=unconfined',
  '--security-opt=systempaths=unconfined',
  '--device-cgroup-rule=a *:* rwm',
  '--cgroupns=private',
]
/** As on a real machine these do not survive a reboot; stale sockets and process ids would keep services from starting. */
const MEMORY_FILE_SYSTEMS = ['--tmpfs=/run', '--tmpfs=/run/lock', '--tmpfs=/tmp:exec']

/** Waits for systemd itself first: before it listens, `is-system-running` answers at once. */
const WAIT_FOR_BOOT = `until case $(systemctl is-system-running --wait 2>/dev/null) in
  running | degraded | maintenance | stopping) true ;; *) false ;; esac; do sleep 0.3; done`

/** The container of one instance. Instance ids alone may repeat where two runs are given the same random numbers. */
export function containerName(network: string, instanceId: string): string {
  return `${network}-${instanceId}`
}

/** An EC2 instance in a container: systemd, cloud-init, a Docker engine of its own. */
export class ContainerMachine implements Machine {
  readonly #spec: MachineSpec
  readonly #events: MachineEvents
  readonly #home: MachineHome
  readonly #name: string
  #launch: Promise<DockerOutcome> | null = null
  #ended: Promise<void> | null = null

  constructor(spec: MachineSpec, events: MachineEvents, home: MachineHome) {
    this.#spec = spec
    this.#events = events
    this.#home = home
    this.#name = containerName(home.network, spec.instanceId)
    void home.boot(() => this.#boot())
  }

  terminate(): Promise<void> {
    this.#ended ??= this.#terminate()
    return this.#ended
  }

  /** Nobody is told of it any more; resolves when there is nothing under way that could still bring it up. */
  async abandon(): Promise<void> {
    this.#ended ??= Promise.resolve()
    await this.#launch
  }

  /** Asks the system to reboot; resolves when it has been asked. */
  async reboot(): Promise<void> {
    await this.#launch
    if (this.#ended === null) await docker(['kill', '--signal', CTRL_ALT_DEL, this.#name])
  }

  /** Resolves when the system is up, so that the next machine may boot. */
  async #boot(): Promise<void> {
    if (this.#ended !== null) return
    this.#launch = tryDocker(['run', '--detach', ...this.#runArguments()])
    const launched = await this.#launch
    if (this.#ended !== null) return
    if (launched.exitCode !== 0) {
      this.#home.say(`${this.#spec.instanceId} could not be started: ${reasonOf(launched)}`)
      this.#events.stopped()
      return
    }
    this.#events.running()
    void this.#watch()
    const limitMs = (BOOT_LIMIT_S + 10) * 1000
    await tryDocker(['exec', this.#name, 'timeout', String(BOOT_LIMIT_S), 'sh', '-c', WAIT_FOR_BOOT], limitMs)
  }

  /** The hypervisor: a system that asked for a restart gets one, any other end is the machine's end. */
  async #watch(): Promise<void> {
    for (;;) {
      const exit = await tryDocker(['wait', this.#name], NO_LIMIT)
      if (this.#ended !== null) return
      const restarted = exit.stdout.trim() === String(REBOOT_EXIT) && (await this.#startAgain())
      if (!restarted) break
    }
    if (this.#ended === null) this.#events.stopped()
  }

  async #startAgain(): Promise<boolean> {
    const start = await tryDocker(['start', this.#name])
    if (start.exitCode !== 0 && this.#ended === null)
      this.#home.say(`${this.#spec.instanceId} did not come back from its reboot: ${reasonOf(start)}`)
    return start.exitCode === 0
  }

  async #terminate(): Promise<void> {
    await this.#launch
    const limitS = this.#home.powerOffLimitS
    // Refused for a machine that never started or hangs (a paused container): removing it ends it all the same.
    await tryDocker(['stop', '-t', String(limitS), this.#name], (limitS + 30) * 1000)
    const removed = await tryDocker(['rm', '--force', '--volumes', this.#name])
    if (removed.exitCode !== 0 && !removed.stderr.includes('No such container'))
      throw new Error(`${this.#spec.instanceId} could not be removed: ${reasonOf(removed)}`)
  }

  #runArguments(): string[] {
    const { ip, instanceType } = this.#spec
    const home = this.#home
    return [
      `--name=${this.#name}`,
      `--hostname=${hostnameOf(ip)}`,
      `--network=${home.network}`,
      `--ip=${ip}`,
      ...(home.choosesMac ? [`--mac-address=${macOf(ip)}`] : []),
      `--env=EC2_INSTANCE_TYPE=${instanceType}`,
      ...home.labels,
      ...Object.entries(home.hosts).map(([name, address]) => `--add-host=${name}:${address}`),
      ...Object.entries(home.files).map(([here, there]) => `--volume=${here}:${there}:ro`),
      ...RIGHTS,
      ...MEMORY_FILE_SYSTEMS,
      home.image,
    ]
  }
}
