#!/usr/bin/env node
import { systemClock } from './clock.ts'
import { check } from './commands/check.ts'
import type { CommandResult } from './commands/result.ts'
import { run } from './commands/run.ts'
import { status } from './commands/status.ts'
import { readArguments } from './commands/usage.ts'
import { readConfig, type Config } from './config.ts'
import { errorText } from './failure.ts'
import { journalEntries } from './journal.ts'
import { journalLog, type EntryWriter } from './log.ts'

/** sysexits(3): what the unit never restarts for. */
const configurationExit = 78
const bugExit = 70

async function main(argv: readonly string[]): Promise<CommandResult> {
  const asked = readArguments(argv)
  if (asked.command === 'say') return { exitCode: 0, out: asked.text, err: '' }
  if (asked.command === 'refuse') return { exitCode: 2, out: '', err: `${asked.sentence}\n` }
  if (asked.command === 'check') return check(asked.file)
  if (asked.command === 'status')
    return withConfig(2, (config) => status(asked.port ?? config.port, asked.json))
  return runAgent()
}

function runAgent(): Promise<CommandResult> {
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort())
  return withConfig(configurationExit, async (config) => {
    await run(config, journalLog(process.stdout, entriesOf(config)), stop.signal)
    return { exitCode: 0, out: '', err: '' }
  })
}

/** What writes entries with fields, where the journal listens. */
function entriesOf({ journal, path }: Config): EntryWriter | null {
  if (!journal) return null
  const unitPid = process.pid
  return journalEntries({ path, identifier: 'switchover-agent', unitPid, clock: systemClock })
}

async function withConfig(
  badExit: number,
  command: (config: Config) => Promise<CommandResult>,
): Promise<CommandResult> {
  let config: Config
  try {
    config = readConfig()
  } catch (error) {
    return { exitCode: badExit, out: '', err: `${errorText(error)}\n` }
  }
  return command(config)
}

try {
  const { exitCode, out, err } = await main(process.argv.slice(2))
  process.stderr.write(err)
  process.stdout.write(out, () => process.exit(exitCode))
} catch (error) {
  process.stderr.write(`${String((error as Error).stack ?? error)}\n`, () => process.exit(bugExit))
}
