import { need, needFlag } from '../../input.ts'
import type { Operation } from '../../wire/operation.ts'
import { instanceIds, membersIn } from '../members.ts'

/** At most 50 ids, all or nothing. */
export const setInstanceProtection: Operation = (cloud, input) => {
  const ids = instanceIds(input, 50)
  const group = cloud.autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  const wanted = needFlag(input, 'ProtectedFromScaleIn')
  const members = membersIn(group, ids, ['InService', 'EnteringStandby', 'Standby'])
  for (const member of members) member.protected = wanted
  group.protectedNoteFor = null
  cloud.autoScaling.wake(group)
  return {}
}
