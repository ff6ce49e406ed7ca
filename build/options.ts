import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'

/**
 * The options of a script. Null where it has answered already: its usage for `--help`, one sentence and exit code 2 for
 * what it does not take.
 */
export function readOptions<T extends ParseArgsOptionsConfig>(usage: string, options: T) {
  try {
    const { values } = parseArgs({ options, allowNegative: true })
    return values
  } catch (error) {
    if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) process.stdout.write(usage)
    else {
      process.stderr.write(`${(error as Error).message.split('. ')[0]?.replace(/\.$/, '')}. Next: --help\n`)
      process.exitCode = 2
    }
    return null
  }
}
