import type { Cloud } from '../../cloud.ts'
import { integer, text, texts } from '../../input.ts'
import { page } from '../../paging.ts'
import { AwsError, type Operation, type Output } from '../../wire/operation.ts'
import { filtered, tagAttribute } from '../filters.ts'
import { stateCode, type Instance } from '../instance.ts'

/** MaxResults and ids exclude each other; one id that is not known fails the call (EC2 API DescribeInstances). */
export const describeInstances: Operation = (cloud, input) => {
  const ids = texts(input, 'InstanceId')
  const size = integer(input, 'MaxResults')
  if (ids.length > 0 && size !== undefined)
    throw new AwsError(
      'InvalidParameterCombination',
      'The parameter instancesSet cannot be used with the parameter maxResults',
    )
  const named = ids.length > 0 ? ids.map((id) => cloud.ec2.existing(id)) : cloud.ec2.instances()
  const found = filtered(input, named, (instance, filter) => attribute(cloud, instance, filter))
  const { items, next } = page(found, text(input, 'NextToken'), size ?? 1_000)
  return {
    reservationSet: items.map((instance) => ({
      reservationId: instance.reservationId,
      ownerId: cloud.account,
      groupSet: [],
      instancesSet: [instanceOutput(cloud, instance)],
    })),
    nextToken: next,
  }
}

function attribute(cloud: Cloud, instance: Instance, filter: string): readonly string[] | null {
  switch (filter) {
    case 'instance-id':
      return [instance.id]
    case 'instance-state-name':
      return [instance.state]
    case 'instance-state-code':
      return [String(stateCode[instance.state])]
    case 'image-id':
      return [instance.imageId]
    case 'availability-zone':
      return [instance.availabilityZone]
    case 'private-ip-address':
      return [instance.ip]
    default:
      return tagAttribute(cloud.ec2.tagsOf(instance), filter) ?? null
  }
}

function instanceOutput(cloud: Cloud, instance: Instance): Output {
  const tags = Object.entries(cloud.ec2.tagsOf(instance))
  return {
    instanceId: instance.id,
    imageId: instance.imageId,
    instanceState: { code: stateCode[instance.state], name: instance.state },
    privateDnsName: `ip-${instance.ip.replaceAll('.', '-')}.ec2.internal`,
    reason: instance.stateReason?.message ?? '',
    instanceType: instance.instanceType,
    launchTime: new Date(instance.launchedAt),
    placement: { availabilityZone: instance.availabilityZone, tenancy: 'default' },
    // An instance that is gone has given its address back.
    privateIpAddress: instance.state === 'terminated' ? undefined : instance.ip,
    subnetId: instance.state === 'terminated' ? undefined : instance.subnetId,
    stateReason: instance.stateReason ?? undefined,
    architecture: instance.architecture,
    iamInstanceProfile:
      instance.profile === null
        ? undefined
        : { arn: `arn:aws:iam::${cloud.account}:instance-profile/${instance.profile}` },
    metadataOptions: metadataOutput(instance.metadataOptions),
    tagSet: tags.map(([key, value]) => ({ key, value })),
  }
}

function metadataOutput({ httpTokens, httpEndpoint, hopLimit, tags }: Instance['metadataOptions']): Output {
  return {
    state: 'applied',
    httpTokens,
    httpPutResponseHopLimit: hopLimit,
    httpEndpoint,
    httpProtocolIpv6: 'disabled',
    instanceMetadataTags: tags ? 'enabled' : 'disabled',
  }
}
