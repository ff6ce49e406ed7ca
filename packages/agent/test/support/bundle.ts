import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'

export const repository = 'registry.example/web'
export const digest = `sha256:${'a'.repeat(64)}`
/** Of a later version. */
export const nextDigest = `sha256:${'c'.repeat(64)}`
export const sidecar = 'registry.example/queue:7'
export const lockedDigest = `sha256:${'b'.repeat(64)}`

export const usualCompose = `
services:
  web: { image: "${repository}:live" }
  worker: { image: "${sidecar}" }
x-switchover: { drain: 30s, parked: { stop: [worker] } }
`

/** As it lies in the store. */
export type Bundle = { tarball: Buffer; sha256: string }

export async function bundleOf(composeFile: string): Promise<Bundle> {
  const tar = pack()
  tar.entry({ name: 'compose.yaml' }, composeFile)
  tar.entry({ name: 'images.lock' }, JSON.stringify({ schema: 1, images: { [sidecar]: lockedDigest } }))
  tar.finalize()
  const parts: Buffer[] = []
  for await (const part of tar) parts.push(part as Buffer)
  const bytes = Buffer.concat(parts)
  return { tarball: gzipSync(bytes), sha256: createHash('sha256').update(bytes).digest('hex') }
}
