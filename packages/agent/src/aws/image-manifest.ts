import * as z from 'zod'
import type { LayerSizes } from '../decide/layer.ts'

const platform = z.object({ architecture: z.string(), os: z.string() })
const index = z.object({
  manifests: z.array(z.object({ digest: z.string(), platform: platform.optional() })),
})
const image = z.object({
  layers: z.array(z.object({ digest: z.string(), size: z.number().int().nonnegative() })),
})

/** Either the layers, or where they stand for this machine; null where there is nothing for it, or no manifest. */
export function readManifest(
  value: unknown,
  architecture: string,
): { kind: 'layers'; sizes: LayerSizes } | { kind: 'elsewhere'; digest: string } | null {
  const several = index.safeParse(value)
  if (several.success) {
    const own = several.data.manifests.find(
      (row) => row.platform?.os === 'linux' && row.platform.architecture === architecture,
    )
    return own === undefined ? null : { kind: 'elsewhere', digest: own.digest }
  }
  const one = image.safeParse(value)
  if (!one.success) return null
  return {
    kind: 'layers',
    sizes: new Map(one.data.layers.map((layer) => [layerId(layer.digest), layer.size])),
  }
}

/** Engines shorten a digest to twelve digits. */
function layerId(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12)
}
