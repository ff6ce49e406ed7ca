import { BatchDeleteScheduledActionCommand } from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'
import { actionsOf, putAction } from '../support/schedules.ts'

const { row } = operation('Auto Scaling', 'BatchDeleteScheduledAction')

const remove = ({ place }: Scene, AutoScalingGroupName: string, ScheduledActionNames: string[]) =>
  place.autoScaling.send(
    new BatchDeleteScheduledActionCommand({ AutoScalingGroupName, ScheduledActionNames }),
  )

row(
  {
    status: 'model',
    source: 'botocore autoscaling',
    says: 'what cannot be deleted is told in an answer that succeeds, and the others are',
  },
  async (scene) => {
    const { name } = await scene.group()
    await putAction(scene, name, { Recurrence: '0 0 * * *', MinSize: 0 }, 'daily')
    const { FailedScheduledActions, $metadata } = await remove(scene, name, ['daily', 'never'])
    expect($metadata.httpStatusCode).toBe(200)
    expect(FailedScheduledActions).toMatchObject([
      { ScheduledActionName: 'never', ErrorCode: 'ValidationError' },
    ])
    expect(await actionsOf(scene, name)).toEqual([])
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, ec2-auto-scaling-quotas',
    says: '50 names a call at most',
  },
  async (scene) => {
    const { name } = await scene.group()
    const names = Array.from({ length: 51 }, (_, index) => `action-${index}`)
    expect(await scene.refusal(remove(scene, name, names))).toMatchObject({
      code: 'ValidationError',
      status: 400,
    })
  },
)
