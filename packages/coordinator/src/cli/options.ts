import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import { isDigest, isVersion } from '@switchover/contract/image'
import { parseDuration } from '@switchover/contract/duration'
import { serviceName } from '@switchover/contract/tags'
import { Refusal } from '../events.ts'

/** What every command takes. */
export type Common = {
  region?: string
  profile?: string
  json: boolean
  color: boolean
  quiet: boolean
}
export type Changing = Common & { yes: boolean; lease: number }

const leaseMsMin = 2_000

export function withCommon(command: Command): Command {
  const group = 'Options of every command:'
  return command
    .addHelpOption(new Option('-h, --help', 'print this help').helpGroup(group))
    .optionsGroup(group)
    .option('--region <name>', 'AWS Region (default: as the AWS CLI finds it)')
    .option('--profile <name>', 'AWS profile (default: as the AWS CLI finds it)')
    .option('--json', 'print newline-delimited JSON events on stdout, the last one the result', false)
    .option(
      '--no-color',
      'print without colour; NO_COLOR in the environment does the same, FORCE_COLOR the opposite',
    )
    .option('--quiet', 'print warnings and the result only, and no live view', false)
}

export function withChanging(command: Command): Command {
  return command
    .optionsGroup('Options of every command that changes something:')
    .option('--yes', 'do not ask; needed where there is no terminal to ask on', false)
    .addOption(
      new Option('--lease <duration>', 'how long this run may act without renewing its claim, at least 2s')
        .argParser(leaseDuration)
        .default(30_000, '30s'),
    )
}

/** The last lines of a command's help: examples and exit codes. */
export function withHelp(
  command: Command,
  examples: readonly [string, string],
  codes: readonly string[],
): Command {
  const lines = ['', 'Examples:', ...examples.map((line) => `  ${line}`), '', 'Exit codes:']
  return command.addHelpText('after', [...lines, ...codes.map((line) => `  ${line}`)].join('\n'))
}

export function service(text: string): string {
  if (serviceName.safeParse(text).success) return text
  throw new InvalidArgumentError('A service name is 1 to 63 lower-case letters, digits and hyphens.')
}

/** VERSION or VERSION@sha256:… */
export function versionWithDigest(text: string): { version: string; digest: string | null } {
  const [version = '', digest = null, ...rest] = text.split('@')
  if (!isVersion(version))
    throw new InvalidArgumentError(
      'A version is an image tag: at most 128 letters, digits, dots, hyphens and underscores.',
    )
  if (rest.length > 0 || (digest !== null && !isDigest(digest)))
    throw new InvalidArgumentError('After the @ stands a digest, sha256: and 64 hexadecimal digits.')
  return { version, digest }
}

export function duration(text: string): number {
  try {
    const ms = parseDuration(text)
    if (ms > 0) return ms
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
  throw new InvalidArgumentError('It must be longer than nothing.')
}

function leaseDuration(text: string): number {
  const ms = duration(text)
  if (ms < leaseMsMin) throw new InvalidArgumentError('A lease is at least 2s.')
  return ms
}

export function count(text: string): number {
  const value = Number(text)
  if (/^\d{1,6}$/.test(text) && value > 0) return value
  throw new InvalidArgumentError('It must be a whole number of at least 1.')
}

/** `P%`, 1 to 100; null for any other text. */
export function readPercent(text: string): number | null {
  const value = Number(/^(\d{1,3})%$/.exec(text)?.[1] ?? '0')
  return value > 0 && value <= 100 ? value : null
}

/** Not an argument parser of commander, whose message would repeat the text: such an address is a secret. */
export function webAddress(flag: string, text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text
  throw new Refusal(2, 'refused', `${flag} must be an http or https address.`)
}

/** Hosts of registries that are spoken to over plain HTTP. */
export function insecureRegistry(): Option {
  return new Option('--insecure-registry <host>', 'registry that is spoken to over plain HTTP (repeatable)')
    .argParser((text: string, before: readonly string[]) => [...before, text])
    .default([], 'none')
}
