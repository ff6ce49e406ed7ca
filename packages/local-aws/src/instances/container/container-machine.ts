import type { Machine, MachineEvents, MachineSpec } from '../kind.ts'
import { docker, NO_LIMIT, tryDocker } from './docker.ts'
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

/** An EC2 instance in a container: systemd, cloud-init, a Docker engine of its own. Its name is the instance id. */
export class ContainerMachine implements Machine {
  readonly #spec: MachineSpec
  readonly #events: MachineEvents
  readonly #home: MachineHome
  readonly #started: Promise<void>
  #ended: Promise<void> | null = null

  constructor(spec: MachineSpec, events: MachineEvents, home: MachineHome) {
    this.#spec = spec
    this.#events = events
    this.#home = home
    this.#started = new Promise((resolve) => {
      void home.boot(() => this.#boot(resolve)).finally(resolve)
    })
  }

  terminate(): Promise<void> {
    this.#ended ??= this.#terminate()
    return this.#ended
  }

  /** Asks the system to reboot; resolves when it has been asked. */
  async reboot(): Promise<void> {
    await this.#started
    if (this.#ended === null) await docker(['kill', '--signal', CTRL_ALT_DEL, this.#name])
  }

  get #name(): string {
    return this.#spec.instanceId
  }

  /** Resolves when the system is up, so that the next machine may boot. */
  async #boot(started: () => void): Promise<void> {
    if (this.#ended !== null) return
    const run = await tryDocker(['run', '--detach', ...this.#runArguments()])
    if (run.exitCode !== 0) {
      this.#home.say(`${this.#name} could not be started: ${run.stderr}`)
      started()
      this.#events.stopped()
      return
    }
    started()
    this.#events.running()
    void this.#watch()
    await tryDocker(
      ['exec', this.#name, 'timeout', String(BOOT_LIMIT_S), 'systemctl', 'is-system-running', '--wait'],
      (BOOT_LIMIT_S + 10) * 1000,
    )
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
      this.#home.say(`${this.#name} did not come back from its reboot: ${start.stderr}`)
    return start.exitCode === 0
  }

  async #terminate(): Promise<void> {
    await this.#started
    const limitS = this.#home.powerOffLimitS
    // Refused for a machine that never started or hangs (a paused container): removing it ends it all the same.
    await tryDocker(['stop', '--time', String(limitS), this.#name], (limitS + 30) * 1000)
    const removed = await tryDocker(['rm', '--force', '--volumes', this.#name])
    if (removed.exitCode !== 0 && !removed.stderr.includes('No such container'))
      throw new Error(`${this.#name} could not be removed: ${removed.stderr}`)
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
