/** What the lines of a pull have said so far (Docker Engine API, ImageCreate). */
export type PullProgress = {
  readonly layers: ReadonlyMap<string, string>
  /** Raised by every line that shows work done, not by every line. */
  readonly moves: number
  /** The terminal line was seen: `Status: …` or `Digest: …`. */
  readonly ended: boolean
  readonly error: string | null
}

export const noProgress: PullProgress = { layers: new Map(), moves: 0, ended: false, error: null }

const flowingMs = 2 * 60_000
/** Extracting a large layer says nothing for minutes, and cancelling throws it away. */
const extractingMs = 10 * 60_000

export function nextProgress(progress: PullProgress, line: unknown): PullProgress {
  if (typeof line !== 'object' || line === null) return progress
  const fields = line as Record<string, unknown>
  const error = errorOf(fields)
  if (error !== null) return { ...progress, error }
  const status = fields['status']
  if (typeof status !== 'string') return progress
  if (/^(Status|Digest): /.test(status)) return { ...progress, moves: progress.moves + 1, ended: true }
  const id = fields['id']
  if (typeof id !== 'string') return progress
  const mark = `${status} ${JSON.stringify(fields['progressDetail'] ?? null)}`
  if (progress.layers.get(id) === mark) return progress
  return { ...progress, layers: new Map(progress.layers).set(id, mark), moves: progress.moves + 1 }
}

function errorOf(fields: Record<string, unknown>): string | null {
  const detail = fields['errorDetail']
  if (typeof detail === 'object' && detail !== null && 'message' in detail) return String(detail.message)
  const error = fields['error']
  if (error !== undefined) return typeof error === 'string' ? error : JSON.stringify(error)
  return null
}

/** Milliseconds without any move after which the pull counts as stuck. */
export function stallLimit(progress: PullProgress): number {
  const busy = [...progress.layers.values()].some((mark) => /^(Extracting|Verifying)/.test(mark))
  return busy ? extractingMs : flowingMs
}
