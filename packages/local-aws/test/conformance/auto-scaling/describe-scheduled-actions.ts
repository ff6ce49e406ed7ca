import {
  DescribeScheduledActionsCommand,
  type DescribeScheduledActionsCommandInput,
} from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'
import { actionsOf, inSeconds, putAction } from '../support/schedules.ts'

const { row } = operation('Auto Scaling', 'DescribeScheduledActions')
const model = 'botocore autoscaling'

const names = async ({ place }: Scene, input: DescribeScheduledActionsCommandInput) =>
  (
    (await place.autoScaling.send(new DescribeScheduledActionsCommand(input))).ScheduledUpdateGroupActions ??
    []
  ).map((one) => one.ScheduledActionName)
const planned = async (scene: Scene) => {
  const made = await scene.group()
  await putAction(scene, made.name, { StartTime: inSeconds(scene, 3_600), MinSize: 0 }, 'one')
  await putAction(scene, made.name, { StartTime: inSeconds(scene, 7_200), MinSize: 0 }, 'other')
  return made
}

row(
  {
    status: 'model',
    source: model,
    says: 'an action is told with its group, its ARN, and its start time by the old name too',
  },
  async (scene) => {
    const { name } = await scene.group()
    const StartTime = inSeconds(scene, 3_600)
    await putAction(scene, name, { StartTime, MinSize: 0, DesiredCapacity: 1 })
    const [action] = await actionsOf(scene, name)
    expect(action).toMatchObject({
      AutoScalingGroupName: name,
      ScheduledActionName: 'morning',
      StartTime,
      Time: StartTime,
      MinSize: 0,
      DesiredCapacity: 1,
    })
    expect(action?.ScheduledActionARN).toMatch(
      /^arn:aws:autoscaling:.*:scheduledUpdateGroupAction:[\da-f-]{36}:/,
    )
    expect(action?.MaxSize).toBeUndefined()
  },
)

row(
  { status: 'model', source: model, says: 'by names; unknown ones are left out; 50 at most' },
  async (scene) => {
    const { of } = await planned(scene)
    expect(await names(scene, { ...of, ScheduledActionNames: ['other', 'never'] })).toEqual(['other'])
    const many = Array.from({ length: 51 }, (_, index) => `action-${index}`)
    expect(await scene.refusal(names(scene, { ...of, ScheduledActionNames: many }))).toMatchObject({
      code: 'ValidationError',
    })
  },
)

row(
  { status: 'model', source: model, says: 'by the bounds of their start time, which names make void' },
  async (scene) => {
    const { of } = await planned(scene)
    const StartTime = inSeconds(scene, 5_400)
    expect(await names(scene, { ...of, StartTime })).toEqual(['other'])
    expect(await names(scene, { ...of, StartTime, ScheduledActionNames: ['one'] })).toEqual(['one'])
  },
)

row({ status: 'model', source: model, says: 'pages are as long as MaxRecords says' }, async (scene) => {
  const { of } = await planned(scene)
  const first = await scene.place.autoScaling.send(
    new DescribeScheduledActionsCommand({ ...of, MaxRecords: 1 }),
  )
  expect(first.ScheduledUpdateGroupActions).toHaveLength(1)
  expect(await names(scene, { ...of, NextToken: first.NextToken })).toHaveLength(1)
})

row(
  { status: 'model', source: model, says: 'a page has 50 actions unless said otherwise' },
  async (scene) => {
    const { name, of } = await scene.group()
    for (let index = 0; index < 51; index++)
      await putAction(
        scene,
        name,
        { StartTime: inSeconds(scene, 86_400 + index * 60), MinSize: 0 },
        `a-${index}`,
      )
    const { ScheduledUpdateGroupActions, NextToken } = await scene.place.autoScaling.send(
      new DescribeScheduledActionsCommand(of),
    )
    expect(ScheduledUpdateGroupActions).toHaveLength(50)
    expect(NextToken).toBeDefined()
  },
)
