import { DescribeTargetGroupsCommand, type TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2'
import { attachedToAny } from '../aws/attached.ts'
import type { AwsClients } from '../aws/clients.ts'
import { errorCode } from '../aws/errors.ts'
import type { AwsGroup } from '../aws/groups.ts'

/** What both groups are attached to, asked for once; null where one of them is gone: AWS does not say which. */
export type TargetGroups = readonly TargetGroup[] | null

export async function readTargetGroups(
  { elb }: Pick<AwsClients, 'elb'>,
  groups: readonly AwsGroup[],
): Promise<TargetGroups> {
  const sources = attachedToAny(groups.map(({ raw }) => raw))
  const TargetGroupArns = sources.flatMap(({ type, id }) => (type === 'elbv2' ? [id] : []))
  // An empty list would mean all target groups of the account.
  if (TargetGroupArns.length === 0) return []
  try {
    const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns }))
    return TargetGroups
  } catch (error) {
    if (errorCode(error) === 'TargetGroupNotFound') return null
    throw error
  }
}
