import { errorCode, errorText } from '../aws/errors.ts'
import { deletePolicyCommand, putPolicyCommand } from '../aws/policies.ts'
import { putAlarmCommand } from '../aws/policy-alarms.ts'
import { deleteActionsCommand, failedItems, putActionsCommand } from '../aws/schedules.ts'
import type { StepOf } from '../decide/step.ts'
import { call, type Call } from './call.ts'
import { Miss } from './miss.ts'

/** Calls of the steps that move policies, alarms and scheduled actions. All are safe to repeat: a put replaces. */
export const scalingCalls = {
  'put-policy'({ group, policy }: StepOf<'put-policy'>): Call[] {
    const command = putPolicyCommand(group, policy)
    return [call('PutScalingPolicy', command, (to, how) => to.autoScaling.send(command, how))]
  },
  'put-alarm'({ alarm }: StepOf<'put-alarm'>): Call[] {
    const command = putAlarmCommand(alarm)
    return [call('PutMetricAlarm', command, (to, how) => to.cloudWatch.send(command, how))]
  },
  'put-actions'({ group, actions }: StepOf<'put-actions'>): Call[] {
    const command = putActionsCommand(group, actions)
    return [
      call('BatchPutScheduledUpdateGroupAction', command, async (to, how) => {
        const reply = await to.autoScaling.send(command, how)
        missIf(failedItems(reply.FailedScheduledUpdateGroupActions, `put on ${group}`))
      }),
    ]
  },
  'delete-policy'({ group, policy }: StepOf<'delete-policy'>): Call[] {
    const command = deletePolicyCommand(group, policy)
    return [
      call('DeletePolicy', command, async (to, how) => {
        try {
          await to.autoScaling.send(command, how)
        } catch (error) {
          // Of a policy that is gone by now, in words that AWS does not document.
          missIf(errorCode(error) === 'ValidationError' ? errorText(error) : null)
          throw error
        }
      }),
    ]
  },
  'delete-actions'({ group, actions }: StepOf<'delete-actions'>): Call[] {
    const command = deleteActionsCommand(group, actions)
    return [
      call('BatchDeleteScheduledAction', command, async (to, how) => {
        const reply = await to.autoScaling.send(command, how)
        missIf(failedItems(reply.FailedScheduledActions, `deleted from ${group}`))
      }),
    ]
  },
}

function missIf(sentence: string | null): void {
  if (sentence !== null) throw new Miss(sentence)
}
