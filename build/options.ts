import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'

/** The options of a script. Null where it has answered already, as `readCommandLine` does. */
export function readOptions<T extends ParseArgsOptionsConfig>(usage: string, options: T) {
  return readCommandLine(usage, (argv) => parseOptions(argv, options))
}

/**
 * What `parse` makes of the arguments of a script. Null where it has answered already: its usage for `--help`, one
 * sentence and exit code 2 for what `parse` throws.
 */
export function readCommandLine<T>(usage: string, parse: (argv: readonly string[]) => T | null): T | null {
  try {
    const parsed = parse(process.argv.slice(2))
    if (parsed === null) process.stdout.write(usage)
    return parsed
  } catch (error) {
    process.stderr.write(`${(error as Error).message} Next: --help\n`)
    process.exitCode = 2
    return null
  }
}

/** Null where only help is wanted. @throws {Error} one sentence about what is wrong with `argv`. */
export function parseOptions<T extends ParseArgsOptionsConfig>(argv: readonly string[], options: T) {
  if (argv.some((word) => word === '--help' || word === '-h')) return null
  try {
    return parseArgs({ args: [...argv], options, allowNegative: true }).values
  } catch (error) {
    // The rest is advice on how to give what is not taken here.
    const [sentence = ''] = (error as Error).message.split(/\.?(?: |\n)(?=[A-Z])/)
    throw new Error(`${sentence}.`, { cause: error })
  }
}

/** @throws {Error} where the option is none from `least` to `most`. */
export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(number) && number >= least && number <= most) return number
  throw new Error(
    `--${name} takes a whole number from ${least} to ${most}; it was ${text === '' ? 'empty' : text}.`,
  )
}
