import { paginateDescribeInstances } from '@aws-sdk/client-ec2'
import { tagKey } from '@switchover/contract/tags'
import type { AwsClients } from '../aws/clients.ts'
import type { AwsGroup, Pair } from '../aws/groups.ts'
import { allPages } from '../aws/pages.ts'
import { count, verb } from '../decide/words.ts'
import type { Roles } from './roles.ts'

const groupTag = 'aws:autoscaling:groupName'

/** EC2 gives up to 1000 instances a page. */
const pageLimit = 50

/** How many running instances of each group do not carry the service's tag, by the group's name: launched before it had it. */
export async function readUntagged(
  { ec2 }: AwsClients,
  { service, groups }: Pair,
): Promise<ReadonlyMap<string, number>> {
  const Filters = [
    { Name: `tag:${groupTag}`, Values: groups.map(({ group }) => group.name) },
    { Name: 'instance-state-name', Values: ['pending', 'running'] },
  ]
  const counts = new Map<string, number>()
  const pages = paginateDescribeInstances({ client: ec2 }, { Filters })
  for await (const { Reservations = [] } of allPages(pages, pageLimit))
    for (const { Tags = [] } of Reservations.flatMap(({ Instances = [] }) => Instances)) {
      const value = (key: string) => Tags.find(({ Key }) => Key === key)?.Value
      const group = value(groupTag) ?? ''
      if (value(tagKey.service) !== service) counts.set(group, (counts.get(group) ?? 0) + 1)
    }
  return counts
}

/** A role that may end instances of its service only, as the shipped one, may not end these. */
export function tagWarnings(
  service: string,
  { live, idle }: Roles,
  untagged: ReadonlyMap<string, number>,
): string[] {
  const tag = `${tagKey.service}=${service}`
  return [live, idle].flatMap(({ group, raw }) => {
    const bare = untagged.get(group.name) ?? 0
    const warnings: string[] = []
    if (!propagates(raw))
      warnings.push(
        `${group.name} does not propagate its tag ${tag} to its instances: whoever may end instances with that tag only, as the shipped role, cannot end those.`,
      )
    if (bare > 0)
      warnings.push(
        `${count(bare, 'instance')} of ${group.name} ${verb(bare, 'does', 'do')} not carry the tag ${tag}: whoever may end instances with that tag only, as the shipped role, cannot finish. ` +
          `Put it there: aws ec2 create-tags --resources $(aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names ${group.name} --query 'AutoScalingGroups[].Instances[].InstanceId' --output text) --tags Key=${tagKey.service},Value=${service}`,
      )
    return warnings
  })
}

function propagates({ Tags = [] }: AwsGroup['raw']): boolean {
  return Tags.some(({ Key, PropagateAtLaunch }) => Key === tagKey.service && PropagateAtLaunch)
}
