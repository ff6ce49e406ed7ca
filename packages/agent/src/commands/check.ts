import { access, readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import * as z from 'zod'
import { readComposeFile, type ComposeFile } from '@switchover/contract/compose'
import { formatDuration } from '@switchover/contract/duration'
import { parseYaml } from '../bundle/yaml.ts'
import { errorText } from '../failure.ts'
import type { CommandResult } from './result.ts'

/** What the agent would make of a compose file: 0 with lines for people, or 1 with the one sentence that is wrong with it. */
export async function check(path: string): Promise<CommandResult> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    return refused(unreadable(path, error as NodeJS.ErrnoException))
  }
  const yaml = parseYaml(text)
  if (!yaml.ok) return refused(`${path}: ${yaml.problem}`)
  const read = readComposeFile(yaml.document)
  if (!read.ok) return refused(`${path}: ${read.problem}`)
  const problem = await missingEnvFile(path, yaml.document)
  if (problem !== null) return refused(`${path}: ${problem}`)
  return { exitCode: 0, out: `${lines(read.file).join('\n')}\n`, err: '' }
}

function refused(sentence: string): CommandResult {
  return { exitCode: 1, out: '', err: `${sentence}\n` }
}

function unreadable(path: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return `There is no file ${path}.`
  if (error.code === 'EISDIR') return `${path} is a directory: name the compose file in it.`
  if (error.code === 'EACCES') return `${path} may not be read by this user.`
  return `${path} cannot be read: ${errorText(error)}.`
}

function lines({ pinned, sidecars, settings }: ComposeFile): string[] {
  const { health, port, drain, parked } = settings
  const url = health && `${health.url}, every ${formatDuration(health.interval)}`
  return [
    ...pinned.map(({ service, repository }) => `${service}: ${repository}, at the group's version`),
    ...sidecars.map(({ service, image }) => `${service}: ${image}, as published`),
    `health: ${url ?? "Docker's view of the containers"}`,
    `port: ${port}, drain: ${formatDuration(drain)}`,
    ...(parked.stop.length > 0 ? [`stopped while parked: ${parked.stop.join(', ')}`] : []),
  ]
}

/** As the compose specification has it: a path, or an object that may say that the file is not required. */
const envFile = z.union([
  z.string().transform((path) => ({ path, required: true })),
  z.object({ path: z.string(), required: z.boolean().default(true) }),
])
const envFiles = z.object({
  services: z.record(
    z.string(),
    z.object({ env_file: z.union([z.array(envFile), envFile.transform((one) => [one])]).default([]) }),
  ),
})

/** A sentence about the first file of environment variables that is not there, or null. */
async function missingEnvFile(composeFile: string, document: unknown): Promise<string | null> {
  const read = envFiles.safeParse(document)
  if (!read.success) return 'env_file takes a path, or a list of paths.'
  for (const [service, { env_file: files }] of Object.entries(read.data.services)) {
    for (const { path, required } of files) {
      // What compose fills in from its environment is not known here.
      if (!required || path.includes('$')) continue
      try {
        await access(resolve(dirname(composeFile), path))
      } catch {
        return `Service ${service} reads env_file ${path}, which is not there: publish it with the compose file.`
      }
    }
  }
  return null
}
