import type { Clock } from '../clock.ts'
import { classifyPullFailure } from '../decide/pull-failure.ts'
import { errorText, Failure } from '../failure.ts'
import type { Engine } from './engine.ts'
import { readPull } from './pull-stream.ts'
import type { RegistryLogins } from './registry-login.ts'

/**
 * Pulls one image by its source reference. That it is there afterwards is for the next look at the engine to say.
 * @throws {Failure}
 */
export async function pullImage(
  parts: { engine: Engine; logins: RegistryLogins; clock: Clock },
  source: string,
  signal: AbortSignal,
): Promise<void> {
  const login = await parts.logins.for(source)
  try {
    await readPull(await parts.engine.pull(source, login, signal), parts.clock)
  } catch (error) {
    const failure = classifyPullFailure(source, errorText(error))
    if (failure.login) parts.logins.forget(source)
    throw new Failure(failure.reason, {
      cause: error,
      ...(failure.terminalAfter === null ? {} : { terminalAfter: failure.terminalAfter }),
    })
  }
}
