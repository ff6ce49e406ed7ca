import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { parseStoreUrl } from '@switchover/contract/store'
import { runCommand } from './command.ts'

export type UserDataOptions = {
  /** `s3://BUCKET/PREFIX`, where the agent lies. */
  store: string
  agentVersion: string
  /** SHA-256 of the agent's tarball, by architecture of the instances. */
  sha256: Readonly<Partial<Record<'x64' | 'arm64', string>>>
  /** The instances' Region; their metadata says it where this does not. */
  region?: string
  /** Port of the agent's endpoint, what the load balancer checks. */
  port?: number
  /** More environment for the installer and the agent, such as AWS_ENDPOINT_URL. */
  environment?: Readonly<Record<string, string>>
}

const bytesMax = 16 * 1024

/**
 * User-data that installs and starts the agent on a new instance.
 * @throws {RangeError} one sentence, where an option cannot be used or the result is larger than EC2 takes
 */
export function renderUserData(options: UserDataOptions): string {
  const { store, agentVersion, sha256, region, port = 8_090, environment = {} } = options
  if (parseStoreUrl(store) === null) throw new RangeError(`"${store}" is not written s3://BUCKET/PREFIX.`)
  if (!/^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$/.test(agentVersion))
    throw new RangeError(`"${agentVersion}" is not a version.`)
  const sums = Object.entries(sha256)
  if (sums.length === 0) throw new RangeError('Give the SHA-256 of at least one agent tarball.')
  const wrong = sums.find(([, sum]) => !/^[0-9a-f]{64}$/.test(sum))
  if (wrong) throw new RangeError(`"${wrong[1]}" is not a SHA-256.`)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new RangeError(`${port} is not a port.`)
  const places: Readonly<Record<string, string>> = {
    BOOTSTRAP_ENVIRONMENT: envFile({
      SWITCHOVER_STORE: store,
      SWITCHOVER_AGENT_VERSION: agentVersion,
      ...Object.fromEntries(
        sums.map(([arch, sum]) => [`SWITCHOVER_AGENT_SHA256_${arch.toUpperCase()}`, sum]),
      ),
      ...(region === undefined ? {} : { AWS_REGION: region }),
    }),
    AGENT_ENVIRONMENT: envFile({ SWITCHOVER_PORT: String(port), ...environment }),
    PORT: String(port),
    INSTALL_SCRIPT: readFileSync(new URL('install.sh', import.meta.url), 'utf8').trimEnd(),
  }
  const template = readFileSync(new URL('cloud-init.yaml', import.meta.url), 'utf8')
  const text = template
    .replace(/^# Template.*\n/m, '')
    .replace(
      /^( *)(.*)\{\{([A-Z_]+)\}\}/gm,
      (_, indent: string, before: string, name: string) =>
        `${indent}${before}${(places[name] ?? '').replaceAll(/\n(?=.)/g, `\n${indent}`)}`,
    )
  if (Buffer.byteLength(text) > bytesMax)
    throw new RangeError(`The user-data is larger than the ${bytesMax} bytes EC2 takes.`)
  return text
}

/** Lines that a shell and systemd (EnvironmentFile=) read alike. */
function envFile(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
        throw new RangeError(`"${name}" is not the name of a variable.`)
      if (/['\n\r\0]/.test(value)) throw new RangeError(`${name} holds a quote or a line break.`)
      return `${name}='${value}'`
    })
    .join('\n')
}

const usage = `npm run -s render:user-data -- --store s3://BUCKET/PREFIX --agent-version VERSION --sha256-x64 SUM
  [--sha256-arm64 SUM] [--region REGION] [--port PORT] [--env NAME=VALUE]...

Prints the user-data of a service's launch template. "switchover publish --agent" prints version and SHA-256.
`

function main(): void {
  const { values } = parseArgs({
    options: {
      store: { type: 'string' },
      'agent-version': { type: 'string' },
      'sha256-x64': { type: 'string' },
      'sha256-arm64': { type: 'string' },
      region: { type: 'string' },
      port: { type: 'string' },
      env: { type: 'string', multiple: true },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const { store, 'agent-version': agentVersion } = values
  if (values.help === true || store === undefined || agentVersion === undefined) {
    process.stdout.write(usage)
    process.exitCode = values.help === true ? 0 : 2
    return
  }
  const { 'sha256-x64': x64, 'sha256-arm64': arm64, region, port, env = [] } = values
  process.stdout.write(
    renderUserData({
      store,
      agentVersion,
      sha256: { ...(x64 === undefined ? {} : { x64 }), ...(arm64 === undefined ? {} : { arm64 }) },
      ...(region === undefined ? {} : { region }),
      ...(port === undefined ? {} : { port: Number(port) }),
      environment: Object.fromEntries(
        env.map((pair) => {
          const cut = pair.indexOf('=')
          return [pair.slice(0, Math.max(0, cut)), pair.slice(cut + 1)]
        }),
      ),
    }),
  )
}

if (import.meta.main) runCommand(main)
