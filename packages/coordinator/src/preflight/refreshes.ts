import { DescribeInstanceRefreshesCommand } from '@aws-sdk/client-auto-scaling'
import type { AwsClients } from '../aws/clients.ts'
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
