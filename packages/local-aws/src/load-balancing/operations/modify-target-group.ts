import { need } from '../../input.ts'
import type { Operation } from '../../wire/operation.ts'
import { targetGroupOutput } from '../outputs.ts'
import { readHealthCheck } from '../settings.ts'

export const modifyTargetGroup: Operation = (cloud, input) => {
  const group = cloud.loadBalancing.targetGroup(need(input, 'TargetGroupArn'))
  group.healthCheck = readHealthCheck(input, group.healthCheck)
  return { TargetGroups: [targetGroupOutput(group, cloud.loadBalancing.balancersOf(group.arn))] }
}
