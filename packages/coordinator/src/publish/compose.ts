import { parse } from 'yaml'
import { composeFileNames } from '@switchover/contract/bundle'
import { readComposeFile } from '@switchover/contract/compose'
import type { ComposeFile } from '@switchover/contract/compose'
import { Refusal } from '../events.ts'
import type { BundleEntry } from './canonical-tar.ts'

/**
 * The compose file among a bundle's entries, read and checked.
 * @throws {Refusal} exit 2: none, more than one, no YAML, or not one Switchover can deploy.
 */
export function composeFileOf(entries: readonly BundleEntry[]): ComposeFile {
  const found = entries.filter(({ path }) => composeFileNames.some((name) => name === path))
  const [only, second] = found
  if (!only)
    throw new Refusal(2, 'refused', `The bundle has no compose file: none of ${composeFileNames.join(', ')}.`)
  if (second)
    throw new Refusal(2, 'refused', `The bundle has both ${only.path} and ${second.path}: keep one.`)
  if (only.kind === 'link')
    throw new Refusal(2, 'refused', `The bundle's ${only.path} is a link: put the file there.`)
  const read = readComposeFile(parseYaml(only.path, Buffer.from(only.content).toString('utf8')))
  if (!read.ok) throw new Refusal(2, 'refused', read.problem)
  return read.file
}

function parseYaml(path: string, text: string): unknown {
  try {
    return parse(text, { merge: true })
  } catch (error) {
    const line = error instanceof Error ? (error.message.split('\n')[0] ?? '').replace(/[:.]$/, '') : ''
    throw new Refusal(2, 'refused', `The bundle's ${path} is not YAML: ${line}.`, null, error)
  }
}
