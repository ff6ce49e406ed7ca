import {
  BatchPutScheduledUpdateGroupActionCommand,
  SuspendProcessesCommand,
  ResumeProcessesCommand,
} from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { invalid } from '../support/refused.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'
import { actionsOf, inSeconds, putAction, type Action } from '../support/schedules.ts'

const { row, assumed } = operation('Auto Scaling', 'PutScheduledUpdateGroupAction')
const guide = 'Auto Scaling user guide, ec2-auto-scaling-scheduled-scaling'
const model = 'botocore autoscaling'
const daily = { Recurrence: '0 0 * * *' }

const refusedWith: [string, string, (scene: Scene) => Action][] = [
  [
    'Given start time is in the past',
    'Terraform and console traces',
    (scene) => ({ StartTime: inSeconds(scene, -120), MinSize: 0 }),
  ],
  [
    'Given end time is in the past',
    'Terraform and console traces',
    (scene) => ({ ...daily, EndTime: inSeconds(scene, -120), MinSize: 0 }),
  ],
  [
    'Given end time must be after start time',
    'Terraform and console traces',
    (scene) => ({
      ...daily,
      StartTime: inSeconds(scene, 7_200),
      EndTime: inSeconds(scene, 3_600),
      MinSize: 0,
    }),
  ],
  [
    'Scheduled start time must be specified for non-recurrent future group action',
    'badmintoncryer/cdk-preflight',
    (scene) => ({ EndTime: inSeconds(scene, 3_600), MinSize: 0 }),
  ],
  [
    'Desired capacity must be less than or equal to max size',
    'badmintoncryer/cdk-preflight',
    () => ({ ...daily, MaxSize: 1, DesiredCapacity: 2 }),
  ],
]
for (const [message, source, action] of refusedWith)
  row({ status: 'trace', source, says: `refused: ${message}` }, async (scene) => {
    const { name } = await scene.group()
    expect(await scene.refusal(putAction(scene, name, action(scene)))).toEqual(invalid(message))
    expect(await actionsOf(scene, name)).toEqual([])
  })

const refusedByModel: [string, Action][] = [
  ['one of min, max and desired at least', daily],
  ['min is not above max', { ...daily, MinSize: 3, MaxSize: 2 }],
  ['desired is not below min', { ...daily, MinSize: 3, DesiredCapacity: 2 }],
  ['cron has five fields', { Recurrence: '0 0 0 * * *', MinSize: 0 }],
  ['a time zone is an IANA name', { ...daily, TimeZone: 'Mars/Olympus', MinSize: 0 }],
]
for (const [says, action] of refusedByModel)
  row({ status: 'model', source: model, says }, async (scene) => {
    const { name } = await scene.group()
    expect(await scene.refusal(putAction(scene, name, action))).toMatchObject({
      code: 'ValidationError',
      status: 400,
    })
  })

row({ status: 'model', source: model, says: 'a time zone goes with a recurrence only' }, async (scene) => {
  const { name } = await scene.group()
  const once = { StartTime: inSeconds(scene, 3_600), TimeZone: 'Asia/Seoul', MinSize: 0 }
  expect(await scene.refusal(putAction(scene, name, once))).toMatchObject({
    code: 'ValidationError',
    status: 400,
  })
  await putAction(scene, name, { ...daily, TimeZone: 'Asia/Seoul', MinSize: 0 })
})

row(
  {
    status: 'documented',
    source: guide,
    says: 'it runs within two minutes of its time, resizes the group and vanishes',
  },
  async (scene) => {
    const { name } = await scene.group()
    await putAction(scene, name, { StartTime: inSeconds(scene, 90), MaxSize: 6, DesiredCapacity: 1 })
    await scene.place.advance(60)
    expect(await scene.sizes(name)).toEqual([0, 4, 0])
    await scene.until('its run', async () => (await scene.sizes(name)).join() === '0,6,1', 150)
    await scene.until('its end', async () => (await actionsOf(scene, name)).length === 0, 120)
  },
)

row(
  {
    status: 'trace',
    source: 'Terraform traces',
    says: 'a recurring action is told with its next run as start time',
  },
  async (scene) => {
    const { name } = await scene.group()
    const next = inSeconds(scene, 180)
    next.setUTCSeconds(0)
    await putAction(scene, name, { Recurrence: `${next.getUTCMinutes()} * * * *`, DesiredCapacity: 1 })
    expect((await actionsOf(scene, name))[0]?.StartTime).toEqual(next)
    await scene.until('its run', async () => (await scene.sizes(name))[2] === 1, 400)
    const later = new Date(next.getTime() + 3_600_000)
    await scene.until(
      'the next',
      async () => (await actionsOf(scene, name))[0]?.StartTime?.getTime() === later.getTime(),
      120,
    )
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, as-suspend-resume-processes',
    says: 'due while ScheduledActions is suspended, it is skipped and not run late',
  },
  async (scene) => {
    const { name, of } = await scene.group()
    const processes = { ...of, ScalingProcesses: ['ScheduledActions'] }
    await scene.place.autoScaling.send(new SuspendProcessesCommand(processes))
    await putAction(scene, name, { StartTime: inSeconds(scene, 60), DesiredCapacity: 1 })
    await scene.place.advance(240)
    await scene.place.autoScaling.send(new ResumeProcessesCommand(processes))
    await scene.place.advance(120)
    expect(await scene.sizes(name)).toEqual([0, 4, 0])
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'names are unique in a group: put again an action is replaced',
  },
  async (scene) => {
    const { name } = await scene.group()
    await putAction(scene, name, { ...daily, DesiredCapacity: 1 })
    const [before] = await actionsOf(scene, name)
    await putAction(scene, name, { ...daily, DesiredCapacity: 2 })
    expect(await actionsOf(scene, name)).toMatchObject([
      { DesiredCapacity: 2, ScheduledActionARN: before?.ScheduledActionARN },
    ])
  },
)

row({ status: 'documented', source: guide, says: 'start times are unique in a group' }, async (scene) => {
  const { name } = await scene.group()
  const StartTime = inSeconds(scene, 3_600)
  await putAction(scene, name, { StartTime, DesiredCapacity: 1 })
  expect(
    await scene.refusal(putAction(scene, name, { StartTime, DesiredCapacity: 2 }, 'other')),
  ).toMatchObject({ status: 400 })
})

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, ec2-auto-scaling-quotas',
    says: '125 scheduled actions a group at most',
  },
  async (scene) => {
    const { name, of } = await scene.group()
    const at = (index: number) => ({ StartTime: inSeconds(scene, 86_400 + index * 60), MinSize: 0 })
    const actions = Array.from({ length: 125 }, (_, index) => ({
      ScheduledActionName: `action-${index}`,
      ...at(index),
    }))
    for (const ScheduledUpdateGroupActions of [
      actions.slice(0, 50),
      actions.slice(50, 100),
      actions.slice(100),
    ])
      await scene.place.autoScaling.send(
        new BatchPutScheduledUpdateGroupActionCommand({ ...of, ScheduledUpdateGroupActions }),
      )
    expect(await scene.refusal(putAction(scene, name, at(125)))).toMatchObject({
      code: 'LimitExceeded',
      status: 400,
    })
  },
)

assumed(
  {
    source: 'only the rule is documented',
    says: 'the code for a start time that is taken',
    here: 'AlreadyExists',
  },
  async (scene) => {
    const { name } = await scene.group()
    const StartTime = inSeconds(scene, 3_600)
    await putAction(scene, name, { StartTime, DesiredCapacity: 1 })
    return (await scene.refusal(putAction(scene, name, { StartTime, DesiredCapacity: 2 }, 'other'))).code
  },
)
