import type { Clock } from '../clock.ts'
import type { LayerSizes } from '../decide/layer.ts'
import { classifyPullFailure } from '../decide/pull-failure.ts'
import type { PullState } from '../decide/pull-progress.ts'
import { errorText, Failure } from '../failure.ts'
import { redact } from '../redact.ts'
import type { Engine, RegistryLogin } from './engine.ts'
import { PullError, readPull } from './pull-stream.ts'
import type { RegistryLogins } from './registry-login.ts'

const beginMs = 2 * 60_000

/**
 * Pulls one image by its source reference. That it is there afterwards is for the next look at the engine to say.
 * @param options.seen is told how it gets on
 * @throws {Failure}
 */
export async function pullImage(
  parts: { engine: Engine; logins: RegistryLogins; clock: Clock },
  source: string,
  options: {
    login: RegistryLogin | null
    sizes: LayerSizes | null
    signal: AbortSignal
    seen: (state: PullState) => void
  },
): Promise<void> {
  const { login, signal } = options
  try {
    await readPull(await begin(parts, source, login, signal), { ...options, clock: parts.clock })
  } catch (error) {
    const failure = classifyPullFailure(source, detailOf(error))
    if (failure.login) parts.logins.forget(source)
    throw new Failure(failure.reason, {
      cause: error,
      ...(failure.terminalAfter === null ? {} : { terminalAfter: failure.terminalAfter }),
    })
  }
}

/** The engine answers once the registry has answered it, which may be never. @throws {PullError} then, or the engine's error */
async function begin(
  { engine, clock }: { engine: Engine; clock: Clock },
  source: string,
  login: RegistryLogin | null,
  signal: AbortSignal,
): Promise<NodeJS.ReadableStream> {
  const limit = new AbortController()
  const begun = new AbortController()
  const watch = async () => {
    await clock.sleep(beginMs, begun.signal)
    if (!begun.signal.aborted) limit.abort()
  }
  void watch()
  try {
    return await engine.pull(source, login, AbortSignal.any([signal, limit.signal]))
  } catch (error) {
    if (!limit.signal.aborted) throw error
    throw new PullError(`the engine said nothing for ${beginMs / 60_000} minutes`, { cause: error })
  } finally {
    begun.abort()
  }
}

/** Layers come from signed addresses, which engines quote whole: who has the query may fetch the layer. */
function detailOf(error: unknown): string {
  return redact(errorText(error).replaceAll(/(https?:\/\/[^\s"?]+)\?[^\s"]*/g, '$1'))
}
