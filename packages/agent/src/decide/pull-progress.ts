import { amounts, newLayer, nextLayer, type Layer, type LayerSizes } from './layer.ts'

/** What the lines of a pull have said so far (Docker Engine API, ImageCreate). */
export type PullState = {
  readonly layers: ReadonlyMap<string, Layer>
  /** What the registry said of the layers beforehand, empty where it was not asked. */
  readonly sizes: LayerSizes
  /** Last line about each id, so that one that says the same again is no move. */
  readonly marks: ReadonlyMap<string, string>
  /** Raised by every line that shows work done, not by every line. */
  readonly moves: number
  /** The terminal line was seen: `Status: …` or `Digest: …`. */
  readonly ended: boolean
  readonly error: string | null
}

export const noProgress: PullState = {
  layers: new Map(),
  sizes: new Map(),
  marks: new Map(),
  moves: 0,
  ended: false,
  error: null,
}

const flowingMs = 2 * 60_000
/** Extracting a large layer says nothing for minutes, and cancelling throws it away. */
const extractingMs = 10 * 60_000

export function nextProgress(progress: PullState, line: unknown): PullState {
  if (typeof line !== 'object' || line === null) return progress
  const fields = line as Record<string, unknown>
  const error = errorOf(fields)
  if (error !== null) return { ...progress, error }
  const status = fields['status']
  if (typeof status !== 'string') return progress
  if (/^(Status|Digest): /.test(status)) return { ...progress, moves: progress.moves + 1, ended: true }
  const id = fields['id']
  if (typeof id !== 'string') return progress
  const detail = fields['progressDetail']
  // Seconds that pass are no work done.
  const mark = `${status} ${JSON.stringify(amounts(detail))}`
  if (progress.marks.get(id) === mark) return progress
  const moved = {
    ...progress,
    marks: new Map(progress.marks).set(id, mark),
    moves: progress.moves + 1,
  }
  // This line's id is the tag or digest that is pulled.
  if (status.startsWith('Pulling from ')) return moved
  const before = progress.layers.get(id) ?? { ...newLayer, size: progress.sizes.get(id) ?? null }
  const layer = nextLayer(before, status, detail)
  return { ...moved, layers: new Map(progress.layers).set(id, layer) }
}

function errorOf(fields: Record<string, unknown>): string | null {
  const detail = fields['errorDetail']
  if (typeof detail === 'object' && detail !== null && 'message' in detail) return String(detail.message)
  const error = fields['error']
  if (error !== undefined) return typeof error === 'string' ? error : JSON.stringify(error)
  return null
}

/** Milliseconds without any move after which the pull counts as stuck. */
export function stallLimit(progress: PullState): number {
  const busy = [...progress.marks.values()].some((mark) => /^(Extracting|Verifying)/.test(mark))
  return busy ? extractingMs : flowingMs
}
