import * as z from 'zod'
import type { Identity } from './decide/observation.ts'
import { retryable, terminal } from './decide/reason.ts'
import { errorText, Failure } from './failure.ts'
import { ImdsError, type Imds } from './imds.ts'

const document = z.object({
  instanceId: z.string().regex(/^i-[0-9a-f]{8,17}$/),
  region: z.string().min(1),
})

const turnOn =
  'Turn it on: aws ec2 modify-instance-metadata-options --http-endpoint enabled --instance-id ID. The agent goes on by itself then.'

/**
 * Who this instance is, from its identity document.
 * @throws {Failure} while the metadata service gives none
 */
export async function identify(imds: Imds, signal: AbortSignal): Promise<Identity> {
  let text: string | null
  try {
    text = await imds.get('dynamic/instance-identity/document', signal)
  } catch (error) {
    if (error instanceof ImdsError && error.status === 403) {
      throw new Failure(terminal('metadata-disabled', `${error.message} ${turnOn}`), { cause: error })
    }
    const sentence = `The instance metadata service gives no identity: ${errorText(error)}`
    throw new Failure(retryable('metadata-unreachable', sentence), { cause: error })
  }
  const parsed = document.safeParse(parseJson(text))
  if (!parsed.success) {
    throw new Failure(retryable('metadata-unreadable', 'The instance identity document cannot be read.'))
  }
  return parsed.data
}

function parseJson(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text)
  } catch {
    return null
  }
}
