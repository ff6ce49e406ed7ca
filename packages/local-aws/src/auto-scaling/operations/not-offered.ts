import { need } from '../../input.ts'
import { isWarm } from '../group.ts'
import { memberOutput } from '../outputs.ts'
import type { Operation } from '../../wire/operation.ts'

/** Refreshes cannot be made here, so none is there: the list is empty and true. */
export const describeInstanceRefreshes: Operation = (cloud, input) => {
  cloud.autoScaling.group(need(input, 'AutoScalingGroupName'))
  return { InstanceRefreshes: [] }
}

/** Warm pools cannot be made here either; what `launchWarm` has put into one is listed. */
export const describeWarmPool: Operation = (cloud, input) => {
  const { members } = cloud.autoScaling.group(need(input, 'AutoScalingGroupName'))
  const warm = [...members.values()].filter(({ lifecycle }) => isWarm(lifecycle))
  return { Instances: warm.map(memberOutput) }
}
