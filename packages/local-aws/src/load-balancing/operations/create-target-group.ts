import { integer, need, text } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { targetGroupOutput } from '../outputs.ts'
import {
  defaultAttributes,
  defaultHealthCheck,
  readHealthCheck,
  readProtocol,
  readTags,
} from '../settings.ts'

export const createTargetGroup: Operation = (cloud, input) => {
  const name = need(input, 'Name')
  if ([...cloud.loadBalancing.targetGroups.values()].some((group) => group.name === name))
    throw new AwsError(
      'DuplicateTargetGroupName',
      `A target group with the same name '${name}' exists, but with different settings`,
    )
  const type = text(input, 'TargetType') ?? 'instance'
  if (type !== 'instance')
    throw new AwsError('ValidationError', `Targets of type '${type}' are not offered here`)
  const port = integer(input, 'Port')
  if (port === undefined || port < 1 || port > 65_535)
    throw new AwsError('ValidationError', 'A port must be specified')
  const protocol = readProtocol(input, 'Protocol', 'HTTP')
  const defaults = defaultHealthCheck(protocol, text(input, 'HealthCheckProtocol'))
  const group = cloud.loadBalancing.addTargetGroup({
    name,
    protocol,
    port,
    vpcId: text(input, 'VpcId') ?? null,
    healthCheck: readHealthCheck(input, defaults),
    attributes: defaultAttributes(protocol),
    tags: readTags(input),
  })
  return { TargetGroups: [targetGroupOutput(group, [])] }
}
