import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { text } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import type { S3Client } from '@aws-sdk/client-s3'
import { extract } from 'tar-stream'
import { agentKeys } from '@switchover/contract/store'
import type { StoreLocation } from '@switchover/contract/store'
import { Refusal } from '../events.ts'
import { putOnce } from './put-once.ts'
import { readText } from '../aws/objects.ts'

export type AgentTarball = {
  arch: 'x64' | 'arm64'
  version: string
  /** Of the compressed file: what the user-data checks before it unpacks. */
  sha256: string
  bytes: Buffer
}

const versionPattern = /^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$/

/**
 * Reads an agent's tarball; its version comes from `givenVersion` or the VERSION file inside.
 * @throws {Refusal} exit 2: no such file, a name that says no architecture, no gzipped tar, no version.
 */
export async function readAgentTarball(path: string, givenVersion: string | null): Promise<AgentTarball> {
  const arch = /^switchover-agent-linux-(x64|arm64)\.tar\.gz$/.exec(basename(path))?.[1]
  if (arch !== 'x64' && arch !== 'arm64')
    throw refusal(`${basename(path)} is not named switchover-agent-linux-x64.tar.gz or -arm64.tar.gz`)
  const bytes = await readFile(path).catch((error: unknown) => {
    throw refusal(`${path} cannot be read`, error)
  })
  const version = givenVersion ?? (await versionInside(bytes))
  if (version === null) throw refusal(`${basename(path)} holds no VERSION file: give --agent-version`)
  if (!versionPattern.test(version)) throw refusal(`"${version}" is not a version`)
  return { arch, version, sha256: createHash('sha256').update(bytes).digest('hex'), bytes }
}

/**
 * Uploads an agent, the checksum first. Another tarball under the same version is refused: machines pin version and checksum together.
 */
export async function uploadAgent(
  s3: S3Client,
  store: StoreLocation,
  agent: AgentTarball,
): Promise<{ uploaded: boolean; key: string }> {
  const keys = agentKeys(store.prefix, agent.version, agent.arch)
  const written = await putOnce(s3, store.bucket, keys.checksum, `${agent.sha256}\n`)
  if (!written && (await readText(s3, store.bucket, keys.checksum))?.trim() !== agent.sha256)
    throw refusal(`version ${agent.version} for ${agent.arch} is in the store already, with other content`)
  const uploaded = await putOnce(s3, store.bucket, keys.tarball, agent.bytes)
  return { uploaded, key: keys.tarball }
}

async function versionInside(bytes: Buffer): Promise<string | null> {
  const reader = extract()
  try {
    reader.end(gunzipSync(bytes))
    for await (const entry of reader) {
      const wanted = /^(?:\.\/)?(?:[^/]+\/)?VERSION$/.test(entry.header.name)
      if (!wanted) {
        entry.resume()
        continue
      }
      return (await text(entry)).trim()
    }
  } catch (error) {
    throw refusal('the file is not a gzipped tar', error)
  }
  return null
}

function refusal(what: string, cause?: unknown): Refusal {
  return new Refusal(2, 'refused', `The agent cannot be published: ${what}.`, null, cause)
}
