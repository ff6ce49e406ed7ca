import { AwsError } from '../wire/operation.ts'

/** How an instance's metadata service is set up at its launch. */
export type MetadataOptions = Readonly<{
  httpTokens: 'required' | 'optional'
  httpEndpoint: 'enabled' | 'disabled'
  hopLimit: number
  /** Whether it tells the instance's tags. */
  tags: boolean
}>

/**
 * What a launch template's MetadataOptions ask for, over what an image registered for IMDSv2 is launched with (EC2 user guide,
 * configuring-instance-metadata-options).
 */
export function metadataOptions(asked: Readonly<Record<string, string>> = {}): MetadataOptions {
  return {
    httpTokens: asked['HttpTokens'] === 'optional' ? 'optional' : 'required',
    httpEndpoint: asked['HttpEndpoint'] === 'disabled' ? 'disabled' : 'enabled',
    hopLimit: Number(asked['HttpPutResponseHopLimit'] ?? 2),
    tags: asked['InstanceMetadataTags'] === 'enabled',
  }
}

const legalKey = /^[0-9A-Za-z\-_+=,.@:]{1,255}$/
const reservedKeys = new Set(['.', '..', '_index'])

/**
 * Keys that metadata tell are parts of a path (EC2 user guide, Using_Tags).
 * @throws {AwsError} InvalidParameterValue.
 */
export function checkTagKeys(options: MetadataOptions, keys: readonly string[]): void {
  const illegal = options.tags && keys.find((key) => !legalKey.test(key) || reservedKeys.has(key))
  if (typeof illegal !== 'string') return
  throw new AwsError(
    'InvalidParameterValue',
    `'${illegal}' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\-_+=,.@:]{1,255}), and must not be a reserved name ('.', '..', '_index')`,
  )
}
