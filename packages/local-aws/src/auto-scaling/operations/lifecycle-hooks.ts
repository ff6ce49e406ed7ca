import { need, text, texts } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { readHook, readResult } from '../hooks.ts'

/** And as many names a question (UG ec2-auto-scaling-quotas, API DescribeLifecycleHooks). */
const perGroup = 50

/** Creates or changes a hook; instances that already wait keep the hook they wait for. */
export const putLifecycleHook: Operation = (cloud, input) => {
  const group = cloud.autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  const name = need(input, 'LifecycleHookName')
  const before = group.hooks.get(name) ?? null
  const hook = readHook(input, before)
  if (!before && group.hooks.size >= perGroup)
    throw new AwsError(
      'LimitExceeded',
      `The number of lifecycle hooks is limited to ${perGroup} for each Auto Scaling group`,
    )
  group.hooks.set(name, hook)
  return {}
}

export const deleteLifecycleHook: Operation = (cloud, input) => {
  const group = cloud.autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  const name = need(input, 'LifecycleHookName')
  if (!group.hooks.delete(name))
    throw new AwsError('ValidationError', `No Lifecycle Hook found with name: ${name}`)
  return {}
}

export const describeLifecycleHooks: Operation = (cloud, input) => {
  const group = cloud.autoScaling.group(need(input, 'AutoScalingGroupName'))
  const names = texts(input, 'LifecycleHookNames')
  if (names.length > perGroup)
    throw new AwsError(
      'ValidationError',
      `The number of lifecycle hook names that may be passed in is limited to ${perGroup}`,
    )
  const found = [...group.hooks.values()].filter((hook) => names.length === 0 || names.includes(hook.name))
  return {
    LifecycleHooks: found.map((hook) => ({
      LifecycleHookName: hook.name,
      AutoScalingGroupName: group.name,
      LifecycleTransition: hook.transition,
      HeartbeatTimeout: hook.heartbeatMs / 1_000,
      GlobalTimeout: Math.min(172_800, hook.heartbeatMs / 10),
      DefaultResult: hook.defaultResult,
      NotificationMetadata: hook.metadata ?? undefined,
    })),
  }
}

export const completeLifecycleAction: Operation = (cloud, input) => {
  const { autoScaling } = cloud
  const group = autoScaling.group(need(input, 'AutoScalingGroupName'))
  const action = { token: text(input, 'LifecycleActionToken'), instanceId: text(input, 'InstanceId') }
  const result = readResult(need(input, 'LifecycleActionResult'), 'ABANDON')
  autoScaling.moves.actions.complete(group, need(input, 'LifecycleHookName'), action, result)
  autoScaling.wake(group)
  return {}
}

export const recordLifecycleActionHeartbeat: Operation = (cloud, input) => {
  const { autoScaling } = cloud
  const group = autoScaling.group(need(input, 'AutoScalingGroupName'))
  const action = { token: text(input, 'LifecycleActionToken'), instanceId: text(input, 'InstanceId') }
  autoScaling.moves.actions.heartbeat(group, need(input, 'LifecycleHookName'), action)
  return {}
}
