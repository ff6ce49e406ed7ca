/** What the environment says; the only file of this package that reads it. */
export type Config = {
  /** Base URL of the instance metadata service, without a slash at its end. */
  metadataEndpoint: string
  /** Whether the SDK is pointed at an endpoint of its own: buckets are then addressed by path. */
  endpointOverride: boolean
  stateDirectory: string
  /** Descriptor of the listening socket systemd passes (sd_listen_fds(3)), or null. */
  socketFd: number | null
  /** Port to listen on where no socket is passed. */
  port: number
  dockerSocket: string
  /** Directory of Docker's config.json. */
  dockerConfig: string
  /** Where programs are found, and what tells them where systemd listens. */
  path: string
  notifySocket: string | null
  /** How long systemd waits to hear of the agent (sd_watchdog_enabled(3)), null where it does not. */
  watchdogMs: number | null
  /** Whether what is written to the standard output is the journal's (systemd.exec(5)). */
  journal: boolean
}

const firstDescriptor = 3

/** @throws {RangeError} one sentence, naming the variable that cannot be used. */
export function readConfig(env: NodeJS.ProcessEnv = process.env, pid: number = process.pid): Config {
  const passed = env['LISTEN_FDS'] === '1' && env['LISTEN_PID'] === String(pid)
  const notifySocket = env['NOTIFY_SOCKET'] || null
  return {
    metadataEndpoint: (env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] || 'http://169.254.169.254').replace(
      /\/+$/,
      '',
    ),
    endpointOverride: Boolean(env['AWS_ENDPOINT_URL'] || env['AWS_ENDPOINT_URL_S3']),
    stateDirectory: env['STATE_DIRECTORY']?.split(':')[0] || '/var/lib/switchover',
    socketFd: passed ? firstDescriptor : null,
    port: readPort(env['SWITCHOVER_PORT']),
    dockerSocket: readSocket(env['DOCKER_HOST']),
    dockerConfig: env['DOCKER_CONFIG'] || '/etc/switchover/docker',
    path: env['PATH'] || '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    notifySocket,
    watchdogMs: readWatchdog(env, pid),
    journal: Boolean(env['JOURNAL_STREAM']),
  }
}

/** What Docker's own programs find their files by; a unit's environment has no home. */
export function dockerEnv(config: Config): Record<string, string> {
  return {
    PATH: config.path,
    HOME: config.stateDirectory,
    DOCKER_CONFIG: config.dockerConfig,
    DOCKER_HOST: `unix://${config.dockerSocket}`,
  }
}

function readWatchdog(env: NodeJS.ProcessEnv, pid: number): number | null {
  const microseconds = Number(env['WATCHDOG_USEC'])
  const mine = !env['WATCHDOG_PID'] || env['WATCHDOG_PID'] === String(pid)
  return mine && microseconds > 0 ? microseconds / 1_000 : null
}

function readPort(text: string | undefined): number {
  if (!text) return 8_090
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`SWITCHOVER_PORT is "${text}": give a port between 0 and 65535.`)
  }
  return port
}

function readSocket(host: string | undefined): string {
  if (!host) return '/var/run/docker.sock'
  if (!host.startsWith('unix://')) {
    throw new RangeError(
      `DOCKER_HOST is "${host}": the agent speaks to its own machine's engine only, unix://PATH.`,
    )
  }
  return host.slice('unix://'.length)
}
