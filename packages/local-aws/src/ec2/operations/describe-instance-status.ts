import { flag, integer, text, texts } from '../../input.ts'
import { page } from '../../paging.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { filtered } from '../filters.ts'
import { stateCode } from '../instance.ts'

/** Running instances alone unless IncludeAllInstances; at most 100 ids (EC2 API DescribeInstanceStatus). */
export const describeInstanceStatus: Operation = (cloud, input) => {
  const ids = texts(input, 'InstanceId')
  if (ids.length > 100)
    throw new AwsError('InvalidParameterValue', 'You can specify at most 100 instance IDs.')
  const named = ids.length > 0 ? ids.map((id) => cloud.ec2.existing(id)) : cloud.ec2.instances()
  const all = flag(input, 'IncludeAllInstances') ?? false
  const listed = named.filter((instance) => all || instance.state === 'running')
  const found = filtered(input, listed, (instance, filter) => {
    if (filter === 'instance-state-name') return [instance.state]
    return filter === 'availability-zone' ? [instance.availabilityZone] : null
  })
  const { items, next } = page(found, text(input, 'NextToken'), integer(input, 'MaxResults') ?? 1_000)
  return {
    instanceStatusSet: items.map((instance) => {
      const status = { status: instance.state === 'running' ? 'ok' : 'not-applicable' }
      return {
        instanceId: instance.id,
        availabilityZone: instance.availabilityZone,
        instanceState: { code: stateCode[instance.state], name: instance.state },
        instanceStatus: status,
        systemStatus: status,
      }
    }),
    nextToken: next,
  }
}
