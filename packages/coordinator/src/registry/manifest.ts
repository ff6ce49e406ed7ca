import { createHash } from 'node:crypto'
import * as z from 'zod'
import { parseJson } from '../json.ts'

/** Largest manifest, and largest image config, that is read: the distribution spec asks registries for 4 MiB. */
export const manifestBytesMax = 4 * 1024 * 1024

const platform = z.object({ architecture: z.string(), os: z.string() })
const indexSchema = z.object({ manifests: z.array(z.object({ platform: platform.optional() })) })
const imageSchema = z.object({ config: z.object({ digest: z.string() }) })

export type Manifest =
  | { kind: 'index'; architectures: string[] }
  /** One image: its architecture stands in the config blob. */
  | { kind: 'image'; config: string }

/** Reads a manifest of either kind, OCI or Docker; null where it is neither. */
export function readManifest(json: string): Manifest | null {
  const value = parseJson(json)
  const index = indexSchema.safeParse(value)
  if (index.success) return { kind: 'index', architectures: linuxArchitectures(index.data.manifests) }
  const image = imageSchema.safeParse(value)
  return image.success ? { kind: 'image', config: image.data.config.digest } : null
}

/** The architecture an image config blob names, as Go names it (`amd64`, `arm64`), or null. */
export function readConfigArchitecture(json: string): string | null {
  const parsed = platform.safeParse(parseJson(json))
  return parsed.success ? parsed.data.architecture : null
}

export function sha256(bytes: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** Attestations are listed in an index as platform unknown/unknown; they are no image to run. */
function linuxArchitectures(manifests: readonly { platform?: z.infer<typeof platform> | undefined }[]) {
  const names = manifests.flatMap(({ platform }) => (platform?.os === 'linux' ? [platform.architecture] : []))
  return [...new Set(names)].toSorted()
}
