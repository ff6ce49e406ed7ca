import { need } from '../../input.ts'
import type { Operation } from '../../wire/operation.ts'

/** Refreshes and warm pools cannot be made here, so none is there: the lists are empty and true. */
export const describeInstanceRefreshes: Operation = (cloud, input) => {
  cloud.autoScaling.group(need(input, 'AutoScalingGroupName'))
  return { InstanceRefreshes: [] }
}

export const describeWarmPool: Operation = (cloud, input) => {
  cloud.autoScaling.group(need(input, 'AutoScalingGroupName'))
  return { Instances: [] }
}
