import { texts } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { checkTagKeys } from '../metadata-options.ts'
import { readTags } from './template-data.ts'

/** Overwrites; others see it after the tag lag. At most 50 tags a resource. Resources other than instances are not kept here. */
export const createTags: Operation = (cloud, input) => {
  const tags = Object.fromEntries(readTags(input).map(({ Key, Value }) => [Key, Value]))
  const ids = texts(input, 'ResourceId')
  if (ids.length > 1_000)
    throw new AwsError('InvalidParameterValue', 'You can specify at most 1000 resources.')
  if (Object.keys(tags).some((key) => key.startsWith('aws:')))
    throw new AwsError('InvalidParameterValue', "Tag keys starting with 'aws:' are reserved for internal use")
  for (const id of ids) {
    const instance = cloud.ec2.existing(id)
    checkTagKeys(instance.metadataOptions, Object.keys(tags))
    const before = Object.keys(cloud.ec2.tagsOf(instance))
    if (new Set([...before, ...Object.keys(tags)]).size > 50)
      throw new AwsError('TagLimitExceeded', `The maximum number of Tags for resource ${id} is 50`)
  }
  cloud.ec2.tag(ids, tags)
  return { return: true }
}
