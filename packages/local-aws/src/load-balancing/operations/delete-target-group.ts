import { need } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'

export const deleteTargetGroup: Operation = (cloud, input) => {
  const arn = need(input, 'TargetGroupArn')
  const { listeners, targetGroups } = cloud.loadBalancing
  if ([...listeners.values()].some((listener) => listener.targetGroupArn === arn))
    throw new AwsError('ResourceInUse', `Target group '${arn}' is currently in use by a listener or a rule`)
  if (targetGroups.has(arn)) cloud.loadBalancing.removeTargetGroup(arn)
  return {}
}
