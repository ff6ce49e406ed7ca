import { Readable } from 'node:stream'
import type { Clock } from '../clock.ts'
import type { LayerSizes } from '../decide/layer.ts'
import { nextProgress, noProgress, stallLimit, type PullState } from '../decide/pull-progress.ts'

/** Why a pull's stream was no success; `message` is the engine's own text where it gave one. */
export class PullError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options)
    this.name = 'PullError'
  }
}

const lineBytesMax = 1024 * 1024
const watchMs = 1_000

/**
 * Reads a pull to its end, however long it takes while something moves. It succeeds only where the engine said so in a
 * terminal line: an error line, a stream that ends or breaks early, a line that is not JSON, a stall and an abort are
 * all failures.
 * @param options.sizes what the registry said of the layers, null where it was not asked
 * @param options.seen is called every second, and at the end, with what the lines said so far
 * @throws {PullError} always this one, whatever happened
 */
export async function readPull(
  body: NodeJS.ReadableStream,
  options: {
    clock: Clock
    signal: AbortSignal
    sizes: LayerSizes | null
    seen: (state: PullState) => void
  },
): Promise<void> {
  const stream = body instanceof Readable ? body : new Readable().wrap(body)
  const { clock, signal, sizes, seen } = options
  let progress: PullState = { ...noProgress, sizes: sizes ?? noProgress.sizes }
  let moved = { moves: 0, at: clock.now() }
  const unwatch = clock.every(watchMs, () => {
    const now = clock.now()
    seen(progress)
    if (progress.moves !== moved.moves) moved = { moves: progress.moves, at: now }
    if (now - moved.at > stallLimit(progress)) {
      stream.destroy(new PullError(`no progress for ${Math.round((now - moved.at) / 1_000)} s`))
    }
  })
  const abort = () => void stream.destroy(new PullError('the pull was ended'))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  try {
    for await (const line of linesOf(stream)) {
      progress = nextProgress(progress, parseLine(line))
      if (progress.error !== null) throw new PullError(progress.error)
    }
  } catch (error) {
    throw error instanceof PullError ? error : new PullError(streamText(error), { cause: error })
  } finally {
    signal.removeEventListener('abort', abort)
    unwatch()
    stream.destroy()
    seen(progress)
  }
  assertEnded(progress)
}

function assertEnded(progress: PullState): void {
  if (!progress.ended) throw new PullError('the engine ended the pull without saying that it is done')
}

function streamText(error: unknown): string {
  return `the engine's answer broke off (${error instanceof Error ? error.message : String(error)})`
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new PullError(`the engine wrote what is not JSON: ${line.slice(0, 200)}`)
  }
}

/** Lines of a byte stream, the last one also without a newline. */
async function* linesOf(stream: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk as Uint8Array, { stream: true })
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > lineBytesMax) throw new PullError('the engine wrote a line without an end')
    for (const line of lines) if (line.trim() !== '') yield line
  }
  rest += decoder.decode()
  if (rest.trim() !== '') yield rest
}
