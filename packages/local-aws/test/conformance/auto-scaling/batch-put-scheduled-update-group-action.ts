import {
  BatchPutScheduledUpdateGroupActionCommand,
  type ScheduledUpdateGroupActionRequest,
} from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'
import { actionsOf, inSeconds } from '../support/schedules.ts'

const { row } = operation('Auto Scaling', 'BatchPutScheduledUpdateGroupAction')
const model = 'botocore autoscaling'

const put = ({ place }: Scene, AutoScalingGroupName: string, actions: ScheduledUpdateGroupActionRequest[]) =>
  place.autoScaling.send(
    new BatchPutScheduledUpdateGroupActionCommand({
      AutoScalingGroupName,
      ScheduledUpdateGroupActions: actions,
    }),
  )

row(
  {
    status: 'model',
    source: model,
    says: 'what is refused is told in an answer that succeeds, and the others are put',
  },
  async (scene) => {
    const { name } = await scene.group()
    const { FailedScheduledUpdateGroupActions, $metadata } = await put(scene, name, [
      { ScheduledActionName: 'past', StartTime: inSeconds(scene, -120), MinSize: 0 },
      { ScheduledActionName: 'daily', Recurrence: '0 0 * * *', MinSize: 0 },
    ])
    expect($metadata.httpStatusCode).toBe(200)
    expect(FailedScheduledUpdateGroupActions).toEqual([
      {
        ScheduledActionName: 'past',
        ErrorCode: 'ValidationError',
        ErrorMessage: 'Given start time is in the past',
      },
    ])
    expect((await actionsOf(scene, name)).map((one) => one.ScheduledActionName)).toEqual(['daily'])
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, ec2-auto-scaling-quotas',
    says: '50 actions a call at most',
  },
  async (scene) => {
    const { name } = await scene.group()
    const actions = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        ScheduledActionName: `action-${index}`,
        StartTime: inSeconds(scene, 86_400 + index * 60),
        MinSize: 0,
      }))
    expect(await scene.refusal(put(scene, name, actions(51)))).toMatchObject({
      code: 'ValidationError',
      status: 400,
    })
    expect((await put(scene, name, actions(50))).FailedScheduledUpdateGroupActions ?? []).toEqual([])
  },
)
