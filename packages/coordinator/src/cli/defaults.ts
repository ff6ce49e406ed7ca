import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import * as z from 'zod'
import { schemaSentence } from '@switchover/contract/sentence'
import { Refusal } from '../events.ts'

const fileName = 'switchover.yml'

const text = z.string().optional()
const flag = z.boolean().optional()

/** Flags that switchover.yml may give a default for, by their long names. Not `--yes`: that is a person's word. */
const schema = z
  .strictObject({
    region: text,
    profile: text,
    json: flag,
    color: flag,
    quiet: flag,
    lease: text,
    store: text,
    bundle: z.union([z.string(), z.number()]).transform(String).optional(),
    image: text,
    digest: flag,
    'insecure-registry': z.array(z.string()).optional(),
    desired: z.number().transform(String).optional(),
    release: text,
    readiness: text,
    'on-failure': text,
    canary: z.union([z.string(), z.number()]).transform(String).optional(),
    bake: text,
    alarm: z.array(z.string().min(1).max(255)).optional(),
    'ignore-alarms': flag,
    'finish-after': text,
    scaling: text,
    'finish-previous': flag,
    timeout: text,
    notify: text,
  })
  .nullable()

/**
 * Fills in a command's options from switchover.yml in `directory`, where there is one; what was given on the command line stands.
 * Entries for options of other commands are passed over.
 * @throws {Refusal} exit 2, one sentence, where the file or one of its values is not valid.
 */
export async function applyDefaults(command: Command, directory: string): Promise<void> {
  const defaults = await readDefaults(directory)
  for (const option of command.options) {
    const key = (option.long ?? '').replace(/^--(?:no-)?/, '')
    const value = defaults[key]
    const name = option.attributeName()
    if (value === undefined || command.getOptionValueSource(name) === 'cli') continue
    command.setOptionValueWithSource(name, parsed(command, option, key, value), 'config')
  }
}

type Value = string | boolean | string[]

function parsed(command: Command, option: Command['options'][number], key: string, value: Value): unknown {
  if (Array.isArray(value)) return value
  const refuse = (why: string) => new Refusal(2, 'refused', `${fileName}: ${key}: ${why}`)
  if (option.argChoices && !option.argChoices.includes(String(value)))
    throw refuse(`it must be one of ${option.argChoices.join(', ')}.`)
  const parser = option.parseArg
  if (!parser || typeof value === 'boolean' || option.argChoices) return value
  try {
    return parser(value, command.getOptionValue(option.attributeName()))
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw refuse(error.message)
    throw error
  }
}

async function readDefaults(directory: string): Promise<Readonly<Record<string, Value | undefined>>> {
  let content: string
  try {
    content = await readFile(join(directory, fileName), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new Refusal(2, 'refused', `${fileName} cannot be read: ${(error as Error).message}.`, null, error)
  }
  const { parse } = await import('yaml')
  let value: unknown
  try {
    value = parse(content)
  } catch (error) {
    throw new Refusal(2, 'refused', `${fileName} is not YAML.`, null, error)
  }
  const read = schema.safeParse(value)
  if (!read.success) throw new Refusal(2, 'refused', `${fileName}: ${schemaSentence(read.error)}`)
  return read.data ?? {}
}
