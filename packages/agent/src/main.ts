#!/usr/bin/env node
import type { CommandResult } from './commands/result.ts'
import { readArguments } from './commands/usage.ts'
import { systemClock } from './clock.ts'
import { readConfig, type Config } from './config.ts'
import { errorText } from './failure.ts'
import { imdsClient } from './imds.ts'
import { journalLog, type EntryWriter } from './log.ts'

/** sysexits(3): what the unit never restarts for. */
const configurationExit = 78
const bugExit = 70
/** The metadata service is a millisecond away where it answers at all. */
const firstAnswerMs = 20

async function main(argv: readonly string[]): Promise<CommandResult> {
  const asked = readArguments(argv)
  if (asked.command === 'say') return { exitCode: 0, out: asked.text, err: '' }
  if (asked.command === 'refuse') return { exitCode: 2, out: '', err: `${asked.sentence}\n` }
  if (asked.command === 'check') {
    const { check } = await import('./commands/check.ts')
    return check(asked.file)
  }
  if (asked.command === 'status') {
    const { status } = await import('./commands/status.ts')
    return withConfig(2, (config) => status(asked.port ?? config.port, asked.json))
  }
  return runAgent()
}

function runAgent(): Promise<CommandResult> {
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort())
  return withConfig(configurationExit, async (config) => {
    const imds = imdsClient({ endpoint: config.metadataEndpoint, clock: systemClock })
    // Loading the rest keeps this thread busy: the question for the session token goes out before. Where no answer comes,
    // the agent asks again and says so.
    const asked = imds.get('meta-data/instance-id').catch(() => null)
    await Promise.race([asked, systemClock.sleep(firstAnswerMs)])
    const { run } = await import('./commands/run.ts')
    const log = journalLog(process.stdout, await entriesOf(config))
    await run({ config, imds, log, stop: stop.signal })
    return { exitCode: 0, out: '', err: '' }
  })
}

/** What writes entries with fields, where the journal listens. */
async function entriesOf({ journal, path }: Config): Promise<EntryWriter | null> {
  if (!journal) return null
  const { journalEntries } = await import('./journal.ts')
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
