import { DescribeInstanceRefreshesCommand } from '@aws-sdk/client-auto-scaling'
import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { AwsClients } from '../aws/clients.ts'
import { errorCode } from '../aws/errors.ts'
import { problem } from './problem.ts'
import type { Problem } from './problem.ts'

/** States in which an instance refresh changes instances, or will. */
const refreshing = ['Pending', 'InProgress', 'Cancelling', 'RollbackInProgress', 'Baking']

/** An instance refresh replaces instances by itself, parked ones too. */
export async function checkRefreshes({ autoScaling }: AwsClients, name: string): Promise<Problem[]> {
  const { InstanceRefreshes = [] } = await autoScaling.send(
    new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: name }),
  )
  const refresh = InstanceRefreshes.find(({ Status }) => refreshing.includes(Status ?? ''))
  return refresh ? [problem(`An instance refresh of ${name} is under way (${refresh.Status}).`)] : []
}

/** A target group without a listener leaves every target unused for ever, and a deployment waiting (aws.md 4.2). */
export async function checkTargetGroups(clients: AwsClients, arns: readonly string[]): Promise<Problem[]> {
  // An empty list would mean all target groups of the account.
  if (arns.length === 0) return []
  const groups = await describeTargetGroups(clients, arns)
  if (!groups) return [problem('A target group that the groups are attached to does not exist any more.')]
  return groups.flatMap((group) => {
    const name = group.TargetGroupName ?? ''
    if (!group.LoadBalancerArns?.length)
      return [problem(`The target group ${name} has no listener: no target in it can become healthy.`)]
    return group.TargetType === undefined || group.TargetType === 'instance'
      ? []
      : [problem(`The target group ${name} takes targets of type ${group.TargetType}; instances are needed.`)]
  })
}

/** Null where one of them is gone: AWS does not say which. */
async function describeTargetGroups(
  { elb }: AwsClients,
  arns: readonly string[],
): Promise<TargetGroup[] | null> {
  try {
    const { TargetGroups = [] } = await elb.send(
      new DescribeTargetGroupsCommand({ TargetGroupArns: [...arns] }),
    )
    return TargetGroups
  } catch (error) {
    if (errorCode(error) === 'TargetGroupNotFound') return null
    throw error
  }
}
