import { AwsError, type Operation } from '../../wire/operation.ts'
import { registryHost, required } from '../repositories.ts'

const namePattern = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/

export const createRepository: Operation = async (cloud, input) => {
  const repositoryName = required(input, 'repositoryName')
  if (!namePattern.test(repositoryName) || repositoryName.length < 2 || repositoryName.length > 256)
    throw new AwsError(
      'InvalidParameterException',
      `Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*''`,
    )
  if ((await cloud.images.hasRepository(repositoryName)) || !cloud.images.createRepository(repositoryName))
    throw new AwsError(
      'RepositoryAlreadyExistsException',
      `The repository with name '${repositoryName}' already exists in the registry with id '${cloud.account}'`,
    )
  return {
    repository: {
      repositoryName,
      registryId: cloud.account,
      repositoryArn: `arn:aws:ecr:${cloud.region}:${cloud.account}:repository/${repositoryName}`,
      repositoryUri: `${registryHost(cloud)}/${repositoryName}`,
      createdAt: new Date(cloud.clock.now()),
      imageTagMutability: 'MUTABLE',
    },
  }
}
