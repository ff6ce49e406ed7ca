#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { check } from './commands/check.ts'
import { run } from './commands/run.ts'
import { status } from './commands/status.ts'
import { readConfig } from './config.ts'
import { errorText } from './failure.ts'
import { journalLog } from './log.ts'
import { agentVersion } from './version.ts'

const usage = `switchover-agent ${agentVersion}

  switchover-agent run                   the on-instance agent, as its unit starts it
  switchover-agent status [--port PORT]  what the running agent says of this instance, as JSON
  switchover-agent check COMPOSE_FILE    what the agent would make of a compose file
`

/** sysexits(3): what the unit never restarts for. */
const configurationExit = 78

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
    },
  })
  if (values.version === true) return print(agentVersion)
  if (values.help === true) return print(usage.trimEnd())
  const [command, file, ...rest] = positionals
  if (command === 'run' && file === undefined) return runAgent()
  if (command === 'status' && file === undefined) return showStatus(values.port)
  if (command === 'check' && file !== undefined && rest.length === 0) {
    const { ok, text } = await check(file)
    return ok ? print(text) : complain(text, 1)
  }
  return complain(usage.trimEnd(), 2)
}

async function runAgent(): Promise<number> {
  let config
  try {
    config = readConfig()
  } catch (error) {
    return complain(errorText(error), configurationExit)
  }
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort())
  await run(config, journalLog(process.stdout), stop.signal)
  return 0
}

async function showStatus(given: string | undefined): Promise<number> {
  const port = given === undefined ? readConfig().port : Number(given)
  try {
    return print((await status(port)).trimEnd())
  } catch (error) {
    return complain(
      `No agent answers on port ${port} (${errorText(error)}). See: systemctl status switchover-agent`,
      1,
    )
  }
}

function print(text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}

function complain(text: string, code: number): number {
  process.stderr.write(`${text}\n`)
  return code
}

try {
  process.exit(await main(process.argv.slice(2)))
} catch (error) {
  const known = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
  process.exit(
    complain(
      known ? `${error.message}\n\n${usage.trimEnd()}` : String((error as Error).stack ?? error),
      known ? 2 : 70,
    ),
  )
}
