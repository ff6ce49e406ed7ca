import { parseArgs } from 'node:util'
import { commit, versionText } from '@switchover/contract/version'

/** A command line that can be carried out, or the text that is its answer. */
export type Asked =
  | { command: 'run' }
  | { command: 'status'; port: number | null; json: boolean }
  | { command: 'check'; file: string }
  | { command: 'say'; text: string }
  | { command: 'refuse'; sentence: string }

const names = ['run', 'status', 'check'] as const
type Name = (typeof names)[number]

const overview = `switchover-agent ${versionText(commit)}: the on-instance agent of Switchover

  switchover-agent run                 keep this instance at its group's version, as its unit starts it
  switchover-agent status              what the running agent says of this instance, in words
  switchover-agent check COMPOSE_FILE  what the agent would make of a compose file, offline

  --help      help; each command has its own
  --version   the version
`

const helps: Record<Name, string> = {
  run: `switchover-agent run

Brings up what the tags of this instance's group say and keeps it up, until SIGTERM. It takes no arguments.

Environment, as the unit and /etc/switchover/agent.env set it:
  SWITCHOVER_PORT   port of the endpoint where no socket is passed (8090)
  STATE_DIRECTORY   where it keeps what a reboot needs (/var/lib/switchover)
  DOCKER_HOST       unix://PATH of this machine's engine (unix:///var/run/docker.sock)
  DOCKER_CONFIG     directory of Docker's config.json, for registries other than ECR (/etc/switchover/docker)
  AWS_*             as every SDK reads them

Exit codes:
  0 stopped by a signal; the app goes on · 78 the environment cannot be used · 70 a bug

Example:
  systemctl restart switchover-agent
`,
  status: `switchover-agent status [--port PORT] [--json]

What the running agent says of this instance: what is wanted, what is there, what blocks, the last error, the next try.

  --port PORT   port of the agent's endpoint (SWITCHOVER_PORT, else 8090)
  --json        the answer of /status as it is

Exit codes:
  0 ready, parked included · 1 not ready · 2 no agent answers, or bad usage

Example:
  switchover-agent status --port 8090
`,
  check: `switchover-agent check COMPOSE_FILE

Reads a compose file as the agent would, and says what it would run and how it would judge its health. It asks no
engine, no registry and no AWS.

Exit codes:
  0 it can be used · 1 it cannot, with one sentence that says why · 2 bad usage

Example:
  switchover-agent check ./compose.yaml
`,
}

/** @param argv without the program's name */
export function readArguments(argv: readonly string[]): Asked {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(argv)
  } catch (error) {
    const [sentence = ''] = (error as Error).message.split('. ')
    return refuse(`${sentence.replace(/\.$/, '')}.`, argv[0])
  }
  const { values, positionals } = parsed
  const [name, ...rest] = positionals
  if (values.version) return { command: 'say', text: `${versionText(commit)}\n` }
  if (name === undefined)
    return values.help ? { command: 'say', text: overview } : refuse('A command is missing.', name)
  if (!isName(name)) return refuse(`There is no command ${name}.`, name)
  if (values.help) return { command: 'say', text: helps[name] }
  const foreign = name === 'status' ? undefined : Object.keys(values).find((key) => key !== 'help')
  if (foreign !== undefined) return refuse(`${name} takes no --${foreign}.`, name)
  if (name === 'check') {
    const [file] = rest
    if (file === undefined) return refuse('check takes the path of a compose file.', name)
    return rest.length > 1
      ? refuse(`check takes one file, not ${rest.length}.`, name)
      : { command: name, file }
  }
  if (rest.length > 0) return refuse(`${name} takes no argument ${rest[0]}.`, name)
  if (name === 'run') return { command: name }
  const port = values.port === undefined ? null : Number(values.port)
  if (port !== null && !(Number.isInteger(port) && port >= 1 && port <= 65_535))
    return refuse(`--port takes a port from 1 to 65535; it was ${values.port}.`, name)
  return { command: name, port, json: values.json ?? false }
}

function parse(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
    },
  })
}

function isName(text: string): text is Name {
  return (names as readonly string[]).includes(text)
}

function refuse(sentence: string, name: string | undefined): Asked {
  const next =
    name !== undefined && isName(name) ? `switchover-agent ${name} --help` : 'switchover-agent --help'
  return { command: 'refuse', sentence: `${sentence} Next: ${next}` }
}
