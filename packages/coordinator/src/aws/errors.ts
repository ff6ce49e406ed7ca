import { Refusal } from '../events.ts'

/**
 * What an error of the SDK means to us.
 * `miss`: the world was not as the call assumed; look again. `busy`: AWS is at it, ask again later.
 * `transport`: no usable reply, the call may or may not have taken effect.
 */
export type ErrorKind = 'miss' | 'busy' | 'throttle' | 'transport' | 'credentials' | 'denied' | 'other'

/** Properties the SDK's errors carry; all optional because anything can be thrown. */
type AwsLike = {
  name?: unknown
  message?: unknown
  Code?: unknown
  code?: unknown
  $metadata?: { httpStatusCode?: number }
}

function view(error: unknown): AwsLike {
  return typeof error === 'object' && error !== null ? error : {}
}

/**
 * The code as it came over the wire: modelled errors are renamed by the SDK, `Code` is not.
 * The endings Fault and Exception differ between protocols and are left off.
 */
export function errorCode(error: unknown): string {
  const { Code, name } = view(error)
  const code = typeof Code === 'string' && Code !== '' ? Code : name
  return typeof code === 'string' ? code.replace(/(?:Fault|Exception)$/, '') : 'Unknown'
}

/** What AWS says. EC2's encoded message is left out: only sts:DecodeAuthorizationMessage can read it. */
export function errorText(error: unknown): string {
  const { message } = view(error)
  const text =
    typeof message === 'string' ? message.replace(/\s*Encoded authorization failure message: \S+/, '') : ''
  return text === '' ? errorCode(error) : text
}

/** Not retried by the SDK, or only within milliseconds. */
const busyCodes = new Set(['ScalingActivityInProgress', 'ResourceContention', 'ResourceInUse'])

const throttleCodes = new Set([
  'Throttling',
  'Throttled',
  'RequestLimitExceeded',
  'RequestThrottled',
  'SlowDown',
  'TooManyRequests',
])

const credentialCodes = new Set([
  'CredentialsProviderError',
  'TokenProviderError',
  'ExpiredToken',
  // EC2's word for it.
  'RequestExpired',
  'InvalidClientTokenId',
  'UnrecognizedClient',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'AuthFailure',
])

/** OperationNotPermitted: termination protection, which a person has to lift. */
const deniedCodes = new Set(['AccessDenied', 'UnauthorizedOperation', 'Forbidden', 'OperationNotPermitted'])

const transportCodes = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])

/** Refusals that say the world moved on between looking and acting, in words seen in published calls. */
const missTexts = [
  /is not in (?:InService|Standby)/,
  /is not part of Auto Scaling group/,
  /Instance Id not found/,
  /No active Lifecycle Action found/,
  /please update the AutoScalingGroup sizes appropriately/,
  /must be between the specified min size/,
  /Max bound, .* must be greater than or equal to min bound/,
  /is above max value|is below min value/,
]

export function classify(error: unknown): ErrorKind {
  const code = errorCode(error)
  const { name, code: systemCode, $metadata } = view(error)
  if (busyCodes.has(code)) return 'busy'
  if (throttleCodes.has(code) || $metadata?.httpStatusCode === 429) return 'throttle'
  if (credentialCodes.has(code)) return 'credentials'
  if (deniedCodes.has(code)) return 'denied'
  if (code === 'InvalidInstanceID.NotFound') return 'miss'
  if (code === 'ValidationError' && missTexts.some((text) => text.test(errorText(error)))) return 'miss'
  if (name === 'TimeoutError' || name === 'AbortError' || code.startsWith('RequestTimeout'))
    return 'transport'
  if (typeof systemCode === 'string' && transportCodes.has(systemCode)) return 'transport'
  if (($metadata?.httpStatusCode ?? 0) >= 500) return 'transport'
  return 'other'
}

/**
 * True where S3 has no such object; without s3:ListBucket that reads as 403 (API reference, GetObject), which is not
 * told apart here.
 */
export function isMissingObject(error: unknown): boolean {
  return ['NoSuchKey', 'NotFound'].includes(errorCode(error))
}

/**
 * The sentence for people behind an error of AWS, or null where the error is nothing expected and so a bug.
 * Credentials and permissions refuse with 2; AWS out of reach fails with 1, for the same command may work later.
 */
export function refusalOf(error: unknown, doing: string, next: string | null = null): Refusal | null {
  if (error instanceof Refusal) return error
  const text = errorText(error).replace(/\.$/, '')
  if (text === 'Region is missing')
    return new Refusal(2, 'refused', 'No AWS region is configured: give --region.', next, error)
  const region = /^Region not accepted: region="(.*)" is not/.exec(text)?.[1]
  if (region !== undefined)
    return new Refusal(2, 'refused', `"${region}" is no AWS region: give --region.`, next, error)
  const kind = classify(error)
  if (kind === 'credentials')
    return new Refusal(2, 'refused', `AWS refused the credentials while ${doing}: ${text}.`, next, error)
  if (kind === 'denied')
    return new Refusal(2, 'refused', `AWS denied permission while ${doing}: ${text}.`, next, error)
  if (kind === 'throttle' || kind === 'transport' || kind === 'busy')
    return new Refusal(1, 'failed', `AWS gave no usable answer while ${doing}: ${text}.`, next, error)
  return view(error).$metadata === undefined
    ? null
    : new Refusal(1, 'failed', `AWS refused while ${doing}: ${text} (${errorCode(error)}).`, next, error)
}
