import {
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  type AutoScalingClient,
} from '@aws-sdk/client-auto-scaling'
import { readGroupTags, type GroupTags } from '@switchover/contract/tags'
import { retryable } from '../decide/reason.ts'
import { Failure } from '../failure.ts'
import { awsFailure } from './failure.ts'

export type Membership = { group: string; lifecycleState: string }

/** The instance's group and its state in it, or null: right after launch the answer may still be empty. */
export async function describeMembership(
  client: AutoScalingClient,
  instanceId: string,
  signal: AbortSignal,
): Promise<Membership | null> {
  try {
    const answer = await client.send(new DescribeAutoScalingInstancesCommand({ InstanceIds: [instanceId] }), {
      abortSignal: signal,
    })
    const row = answer.AutoScalingInstances?.[0]
    if (row?.AutoScalingGroupName === undefined || row.LifecycleState === undefined) return null
    return { group: row.AutoScalingGroupName, lifecycleState: row.LifecycleState }
  } catch (error) {
    throw awsFailure('DescribeAutoScalingInstances', error)
  }
}

/** Tags of the group, which exist before any of its instances does. @throws {Failure} */
export async function describeGroupTags(
  client: AutoScalingClient,
  group: string,
  signal: AbortSignal,
): Promise<GroupTags> {
  let rows: { Key?: string | undefined; Value?: string | undefined }[]
  try {
    const answer = await client.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }),
      {
        abortSignal: signal,
      },
    )
    rows = answer.AutoScalingGroups?.[0]?.Tags ?? []
  } catch (error) {
    throw awsFailure('DescribeAutoScalingGroups', error)
  }
  const map = Object.fromEntries(rows.map(({ Key = '', Value = '' }) => [Key, Value]))
  const read = readGroupTags(map)
  if (!read.ok) throw new Failure(retryable('bad-tags', `Group ${group}: ${read.problem}`))
  return read.tags
}
