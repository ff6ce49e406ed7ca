import { retryable } from '../decide/reason.ts'
import { errorText, Failure } from '../failure.ts'

/** What an SDK call that failed means for the agent: AWS may heal, so it is tried again for ever. */
export function awsFailure(what: string, error: unknown): Failure {
  const name = error instanceof Error ? error.name : 'Error'
  const sentence = `${what} failed: ${name === 'Error' ? '' : `${name}: `}${errorText(error)}`
  return new Failure(retryable(codeOf(name), sentence), { cause: error })
}

function codeOf(name: string): string {
  if (/CredentialsProviderError|ExpiredToken|InvalidClientTokenId|UnrecognizedClient/.test(name))
    return 'no-credentials'
  if (/AccessDenied|UnauthorizedOperation/.test(name)) return 'access-denied'
  if (/Throttl|TooManyRequests|RequestLimitExceeded|SlowDown/.test(name)) return 'throttled'
  return 'aws-unreachable'
}

/** One word for what went wrong with a call, out of five. */
export function failureClass(error: unknown): string {
  const code = codeOf(error instanceof Error ? error.name : '')
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } }
  const refused = code === 'aws-unreachable' && ($metadata?.httpStatusCode ?? 500) < 500
  return refused ? 'refused' : code
}
