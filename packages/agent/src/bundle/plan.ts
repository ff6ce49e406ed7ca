import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { composeFileNames, imagesLockName, parseImagesLock } from '@switchover/contract/bundle'
import { readComposeFile } from '@switchover/contract/compose'
import { parseImage } from '@switchover/contract/image'
import { digestFor, type Digests } from '@switchover/contract/tags'
import type { PinnedPlan, Plan, SidecarPlan } from '../decide/observation.ts'
import { terminal } from '../decide/reason.ts'
import { Failure } from '../failure.ts'
import { bundleDirectory } from './install.ts'
import { parseYaml } from './yaml.ts'

/**
 * What a bundle's directory says about a version.
 * @throws {Failure} terminal, where its files cannot be used
 */
export async function readPlan(
  directory: string,
  wanted: { version: string; digests: Digests },
): Promise<Plan> {
  const { path, text } = await readCompose(directory)
  return planOf(directory, path, text, await readLock(directory), wanted)
}

/** The plan of a bundle that was installed before, or null where it is not there whole. */
export async function recallPlan(
  stateDirectory: string,
  wanted: { bundle: string; version: string; digests: Digests },
): Promise<Plan | null> {
  try {
    return await readPlan(bundleDirectory(stateDirectory, wanted.bundle), wanted)
  } catch {
    return null
  }
}

export function planOf(
  directory: string,
  composeFile: string,
  text: string,
  lock: Readonly<Record<string, string>>,
  wanted: { version: string; digests: Digests },
): Plan {
  const yaml = parseYaml(text)
  if (!yaml.ok) throw new Failure(terminal('bad-compose-file', `The compose file: ${yaml.problem}`))
  const { document } = yaml
  const read = readComposeFile(document)
  if (!read.ok) throw new Failure(terminal('bad-compose-file', read.problem))
  const { settings, pinned, sidecars } = read.file
  const rows = pinned.map(({ service, repository }): PinnedPlan => {
    const digest = digestFor(wanted.digests, service)
    return {
      service,
      repository,
      digest,
      source: digest ? `${repository}@${digest}` : `${repository}:${wanted.version}`,
    }
  })
  for (const row of rows) {
    const other = rows.find(
      (candidate) => candidate.repository === row.repository && candidate.source !== row.source,
    )
    if (other) {
      const sentence = `Services ${row.service} and ${other.service} pin ${row.repository} at different digests.`
      throw new Failure(terminal('digest-conflict', sentence))
    }
  }
  return {
    directory,
    composeFile,
    settings,
    pinned: rows,
    sidecars: sidecars.map(({ service, image }) => sidecarPlan(service, image, lock)),
    services: defaultServices(document),
  }
}

function sidecarPlan(service: string, image: string, lock: Readonly<Record<string, string>>): SidecarPlan {
  const digest = lock[image]
  const fixed = parseImage(image).digest !== null || digest === undefined
  return { service, image, source: fixed ? image : `${parseImage(image).repository}@${digest}` }
}

const profiled = z.object({
  services: z.record(z.string(), z.object({ profiles: z.array(z.string()).optional() })),
})

function defaultServices(document: unknown): string[] {
  const { services } = profiled.parse(document)
  return Object.entries(services).flatMap(([name, { profiles }]) => (profiles?.length ? [] : [name]))
}

async function readCompose(directory: string): Promise<{ path: string; text: string }> {
  for (const name of composeFileNames) {
    const path = join(directory, name)
    const text = await readOptional(path)
    if (text !== null) return { path, text }
  }
  throw new Failure(terminal('bad-compose-file', `The bundle has none of ${composeFileNames.join(', ')}.`))
}

async function readLock(directory: string): Promise<Readonly<Record<string, string>>> {
  const text = await readOptional(join(directory, imagesLockName))
  if (text === null) return {}
  const parsed = parseImagesLock(text)
  if (!parsed.ok) throw new Failure(terminal('bad-images-lock', parsed.problem))
  return parsed.lock.images
}

async function readOptional(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
