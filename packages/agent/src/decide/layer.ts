/** A layer of the image that is pulled. Bytes are compressed ones, while it is downloaded and while it is unpacked. */
export type Layer = Readonly<{
  state: 'waiting' | 'downloading' | 'downloaded' | 'unpacking' | 'here'
  downloaded: number
  unpacked: number
  /** Null until the engine says. */
  size: number | null
}>

/** Compressed bytes of an image's layers by the id the engine's lines give them. */
export type LayerSizes = ReadonlyMap<string, number>

export function compressedBytes(sizes: LayerSizes): number {
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}

export const newLayer: Layer = { state: 'waiting', downloaded: 0, unpacked: 0, size: null }

type Amounts = { current: number; total: number | null }

/** A layer after one more line about it (Docker Engine API, ImageCreate; texts as engines from 20.10 on write them). */
export function nextLayer(layer: Layer, status: string, detail: unknown): Layer {
  const said = amounts(detail)
  switch (/^\w*/.exec(status)?.[0] ?? '') {
    case 'Already':
      return { state: 'here', downloaded: 0, unpacked: 0, size: 0 }
    case 'Pulling':
    case 'Waiting':
    case 'Retrying':
      return { ...layer, state: 'waiting' }
    case 'Downloading':
      return said === null ? { ...layer, state: 'downloading' } : downloading(layer, said)
    case 'Verifying':
    case 'Download':
      return { ...complete(layer), state: 'downloaded' }
    case 'Extracting': {
      const sized = complete({ ...layer, size: layer.size ?? said?.total ?? null })
      return { ...sized, state: 'unpacking', unpacked: Math.min(said?.current ?? sized.unpacked, sized.size) }
    }
    case 'Pull': {
      const { size } = complete(layer)
      return { state: 'here', downloaded: size, unpacked: size, size }
    }
    default:
      return layer
  }
}

/** An engine that goes on with a layer after a cut counts only what was left of it then. */
function downloading(layer: Layer, { current, total }: Amounts): Layer {
  if (total === null) return { ...layer, state: 'downloading', downloaded: current }
  const size = Math.max(layer.size ?? 0, total)
  return { ...layer, state: 'downloading', downloaded: size - total + current, size }
}

/** A layer that is downloaded: one whose size was never named is as large as what came. */
function complete(layer: Layer): Layer & { size: number } {
  const size = layer.size ?? layer.downloaded
  return { ...layer, downloaded: size, size }
}

/** What a line counts in bytes; engines with the containerd store count seconds while they unpack. */
export function amounts(detail: unknown): Amounts | null {
  if (typeof detail !== 'object' || detail === null || 'units' in detail) return null
  const { current, total } = detail as Record<string, unknown>
  if (typeof current !== 'number') return null
  return { current, total: typeof total === 'number' && total > 0 ? total : null }
}

export type Transfer = {
  downloaded: number
  unpacked: number
  /** Null until the size of every layer is known. */
  total: number | null
}

export function transferOf(layers: Iterable<Layer>): Transfer {
  const transfer = { downloaded: 0, unpacked: 0 }
  let total: number | null = null
  let unknown = false
  for (const layer of layers) {
    transfer.downloaded += layer.downloaded
    transfer.unpacked += layer.unpacked
    if (layer.size === null) unknown = true
    else total = (total ?? 0) + layer.size
  }
  return { ...transfer, total: unknown ? null : total }
}
