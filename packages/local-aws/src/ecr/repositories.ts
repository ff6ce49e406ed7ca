import type { Cloud } from '../cloud.ts'
import { text } from '../input.ts'
import { AwsError, type Input } from '../wire/operation.ts'

/** @throws {AwsError} InvalidParameterException where it was not sent. */
export function required(input: Input, name: string): string {
  const value = text(input, name)
  if (value !== undefined && value !== '') return value
  throw new AwsError(
    'InvalidParameterException',
    `Invalid parameter at '${name}' failed to satisfy constraint: 'must not be null or empty'`,
  )
}

/** The repository a request names. @throws {AwsError} RepositoryNotFoundException. */
export async function existingRepository(cloud: Cloud, input: Input): Promise<string> {
  const repository = required(input, 'repositoryName')
  const registry = text(input, 'registryId') ?? cloud.account
  if (registry === cloud.account && (await cloud.images.hasRepository(repository))) return repository
  throw new AwsError(
    'RepositoryNotFoundException',
    `The repository with name '${repository}' does not exist in the registry with id '${registry}'`,
  )
}

/** The registry's host name, as in an image reference. */
export function registryHost(cloud: Pick<Cloud, 'account' | 'region'>): string {
  return `${cloud.account}.dkr.ecr.${cloud.region}.amazonaws.com`
}
