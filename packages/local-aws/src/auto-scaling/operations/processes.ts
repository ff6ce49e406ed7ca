import type { Cloud } from '../../cloud.ts'
import { need, texts } from '../../input.ts'
import { AwsError, type Input, type Operation } from '../../wire/operation.ts'
import { causeTime } from '../activities.ts'
import { actOnRinging } from '../policy-runs.ts'
import { processNames, type Group, type Process } from '../group.ts'

/** Set semantics: repeating it is harmless, none named means all (API SuspendProcesses). */
export const suspendProcesses: Operation = (cloud, input) => {
  const { group, processes } = read(cloud, input)
  const reason = `User suspended at ${causeTime(cloud.clock.now())}`
  for (const process of processes) if (!group.suspended.has(process)) group.suspended.set(process, reason)
  return {}
}

export const resumeProcesses: Operation = (cloud, input) => {
  const { group, processes } = read(cloud, input)
  const resumed = processes.filter((process) => group.suspended.delete(process))
  if (resumed.includes('AlarmNotification')) actOnRinging(cloud, group)
  cloud.autoScaling.wake(group)
  return {}
}

function read(cloud: Cloud, input: Input): { group: Group; processes: readonly Process[] } {
  const name = need(input, 'AutoScalingGroupName')
  const group = cloud.autoScaling.group(name)
  if (group.deleting)
    throw new AwsError(
      'ValidationError',
      'Processes may not be suspended while the AutoScaling group is pending delete',
    )
  const named = texts(input, 'ScalingProcesses')
  const processes = processNames.filter((process) => named.length === 0 || named.includes(process))
  if (named.length > 0 && processes.length < new Set(named).size)
    throw new AwsError('ValidationError', `Valid process types are: [${processNames.join(', ')}]`)
  return { group, processes }
}
