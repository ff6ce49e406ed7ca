import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { readComposeFile } from '@switchover/contract/compose'
import { formatDuration } from '@switchover/contract/duration'

/** What the agent would make of a compose file: lines for people, or the one sentence that is wrong with it. */
export async function check(path: string): Promise<{ ok: boolean; text: string }> {
  let document: unknown
  try {
    document = parse(await readFile(path, 'utf8'), { merge: true })
  } catch (error) {
    return { ok: false, text: `${path} cannot be read: ${(error as Error).message}` }
  }
  const read = readComposeFile(document)
  if (!read.ok) return { ok: false, text: read.problem }
  const { pinned, sidecars, settings } = read.file
  const lines = [
    ...pinned.map(({ service, repository }) => `${service}: ${repository}, at the group's version`),
    ...sidecars.map(({ service, image }) => `${service}: ${image}, as published`),
    `health: ${settings.health?.url ?? "Docker's view of the containers"}`,
    `the load balancer's checks: every ${formatDuration(settings.checks.interval)}, ${settings.checks.threshold} failures count`,
    `port: ${settings.port}, drain: ${formatDuration(settings.drain)}`,
  ]
  return { ok: true, text: lines.join('\n') }
}
