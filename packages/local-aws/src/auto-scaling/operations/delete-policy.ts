import type { Cloud } from '../../cloud.ts'
import { need, text } from '../../input.ts'
import type { Operation } from '../../wire/operation.ts'
import type { Group } from '../group.ts'
import type { Policy } from '../policies.ts'
import { policyNamed } from '../policy-names.ts'
import { deleteTrackingAlarms } from '../tracking-alarms.ts'

/** Takes the policy out of all alarms; only the alarms target tracking made for itself go with it (API DeletePolicy). */
export const deletePolicy: Operation = (cloud, input) => {
  const { group, policy } = policyNamed(cloud, need(input, 'PolicyName'), text(input, 'AutoScalingGroupName'))
  drop(cloud, group, policy)
  return {}
}

/** With its group an alarm goes as well where no action is left in it (API DeleteAutoScalingGroup). */
export function deletePoliciesOf(cloud: Cloud, group: Group): void {
  for (const policy of group.policies.values())
    for (const alarm of drop(cloud, group, policy)) {
      const { actions } = cloud.cloudWatch.alarm(alarm).settings
      if (Object.values(actions).every((arns) => arns.length === 0)) cloud.cloudWatch.alarms.delete(alarm)
    }
}

/** @returns the names of the alarms that have lost an action. */
function drop(cloud: Cloud, group: Group, policy: Policy): string[] {
  deleteTrackingAlarms(cloud, policy)
  group.policies.delete(policy.name)
  const touched = [...cloud.cloudWatch.alarms.values()].filter(({ settings }) =>
    Object.values(settings.actions).some((arns) => arns.includes(policy.arn)),
  )
  for (const alarm of touched) {
    const without = (arns: readonly string[]) => arns.filter((arn) => arn !== policy.arn)
    const { OK, ALARM, INSUFFICIENT_DATA } = alarm.settings.actions
    const actions = {
      OK: without(OK),
      ALARM: without(ALARM),
      INSUFFICIENT_DATA: without(INSUFFICIENT_DATA),
    }
    cloud.cloudWatch.put(alarm.name, { ...alarm.settings, actions })
  }
  return touched.map(({ name }) => name)
}
