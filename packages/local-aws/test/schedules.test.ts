import {
  DeleteAutoScalingGroupCommand,
  DeleteScheduledActionCommand,
  DescribeScheduledActionsCommand,
  PutScheduledUpdateGroupActionCommand,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
  type DescribeScheduledActionsCommandInput,
  type PutScheduledUpdateGroupActionCommandInput,
} from '@aws-sdk/client-auto-scaling'
import { describe, expect, test } from 'vitest'
import { nextRun } from '../src/auto-scaling/schedules.ts'
import { createService } from './support/service.ts'

const name = 'web-blue'
const of = { AutoScalingGroupName: name }
type Action = Partial<PutScheduledUpdateGroupActionCommandInput>

/** A group of 2, min 1, max 10; it is 2026-01-01T00:02Z, two minutes after the start of the simulated clock. */
async function created() {
  const service = await createService()
  await service.createGroup(name, { MinSize: 1, MaxSize: 10, DesiredCapacity: 2 })
  const { autoScaling } = service
  return {
    ...service,
    put: (action: Action, ScheduledActionName = 'morning') =>
      autoScaling.send(new PutScheduledUpdateGroupActionCommand({ ...of, ScheduledActionName, ...action })),
    listed: async (asked: DescribeScheduledActionsCommandInput = of) =>
      (await autoScaling.send(new DescribeScheduledActionsCommand(asked))).ScheduledUpdateGroupActions ?? [],
    sizes: async () => {
      const { MinSize, MaxSize, DesiredCapacity } = await service.group(name)
      return [MinSize, MaxSize, DesiredCapacity]
    },
    /** Lets time pass up to then. */
    reach: async (iso: string) => await service.clock.advance(Date.parse(iso) - service.clock.now()),
  }
}

const at = (clock: string) => new Date(`2026-01-01T${clock}Z`)

describe('a scheduled action', () => {
  test('that runs once is told until then, runs on time and vanishes', async () => {
    const service = await created()
    await service.put({ StartTime: at('06:00:00'), MinSize: 3, DesiredCapacity: 4 })
    const [action] = await service.listed()
    expect(action).toEqual({
      ...of,
      ScheduledActionName: 'morning',
      ScheduledActionARN: expect.stringMatching(
        /^arn:aws:autoscaling:us-east-1:123456789012:scheduledUpdateGroupAction:[\da-f-]{36}:autoScalingGroupName\/web-blue:scheduledActionName\/morning$/,
      ) as string,
      StartTime: at('06:00:00'),
      Time: at('06:00:00'),
      MinSize: 3,
      DesiredCapacity: 4,
    })
    await service.reach('2026-01-01T05:59:59Z')
    expect(await service.sizes()).toEqual([1, 10, 2])
    await service.reach('2026-01-01T06:00:00Z')
    expect(await service.sizes()).toEqual([3, 10, 4])
    expect(await service.listed()).toEqual([])
    await service.clock.advance(30_000)
    const [activity] = await service.activities(name)
    expect(activity?.Cause).toMatch(
      /^At 2026-01-01T06:00:00Z the scheduled action morning executed\. Setting min size from 1 to 3\. Setting desired capacity from 2 to 4\. {2}At \S+ an instance was started/,
    )
  })

  test('that recurs has its next run as start time, until its end', async () => {
    const service = await created()
    await service.put({
      Recurrence: '0 6 * * *',
      EndTime: new Date('2026-01-02T12:00:00Z'),
      DesiredCapacity: 4,
    })
    expect(await service.listed()).toMatchObject([{ StartTime: at('06:00:00'), Recurrence: '0 6 * * *' }])
    await service.reach('2026-01-01T06:00:00Z')
    expect(await service.sizes()).toEqual([1, 10, 4])
    expect(await service.listed()).toMatchObject([{ StartTime: new Date('2026-01-02T06:00:00Z') }])
    await service.reach('2026-01-02T06:00:00Z')
    expect(await service.listed()).toEqual([])
  })

  test('that recurs from a start time on runs then first (API PutScheduledUpdateGroupAction)', async () => {
    const service = await created()
    await service.put({ Recurrence: '0 6 * * *', StartTime: at('08:30:00'), DesiredCapacity: 4 })
    await service.reach('2026-01-01T06:00:00Z')
    expect(await service.sizes()).toEqual([1, 10, 2])
    await service.reach('2026-01-01T08:30:00Z')
    expect(await service.sizes()).toEqual([1, 10, 4])
    expect(await service.listed()).toMatchObject([{ StartTime: new Date('2026-01-02T06:00:00Z') }])
  })

  test('that is due while ScheduledActions is suspended is skipped, not run late', async () => {
    const service = await created()
    await service.put({ StartTime: at('06:00:00'), DesiredCapacity: 4 }, 'once')
    await service.put({ Recurrence: '30 * * * *', DesiredCapacity: 5 }, 'hourly')
    const processes = { ...of, ScalingProcesses: ['ScheduledActions'] }
    await service.autoScaling.send(new SuspendProcessesCommand(processes))
    await service.reach('2026-01-01T06:10:00Z')
    await service.autoScaling.send(new ResumeProcessesCommand(processes))
    expect(await service.sizes()).toEqual([1, 10, 2])
    expect(await service.listed()).toMatchObject([
      { ScheduledActionName: 'hourly', StartTime: at('06:30:00') },
    ])
    await service.reach('2026-01-01T06:30:00Z')
    expect(await service.sizes()).toEqual([1, 10, 5])
  })

  test('put again is replaced, and runs once only', async () => {
    const service = await created()
    await service.put({ StartTime: at('06:00:00'), DesiredCapacity: 4 })
    const [before] = await service.listed()
    await service.put({ StartTime: at('07:00:00'), DesiredCapacity: 5 })
    const [after] = await service.listed()
    expect(after).toMatchObject({ ScheduledActionARN: before?.ScheduledActionARN, StartTime: at('07:00:00') })
    await service.reach('2026-01-01T06:30:00Z')
    expect(await service.sizes()).toEqual([1, 10, 2])
    await service.reach('2026-01-01T07:00:00Z')
    expect(await service.sizes()).toEqual([1, 10, 5])
  })

  test.each([
    { action: { MaxSize: 1 }, sizes: [1, 1, 1] },
    { action: { MinSize: 6 }, sizes: [6, 10, 6] },
    { action: { MinSize: 20 }, sizes: [1, 10, 2] },
    { action: { DesiredCapacity: 11 }, sizes: [1, 10, 2] },
  ])('with $action leaves min, max, desired at $sizes', async ({ action, sizes }) => {
    const service = await created()
    await service.put({ StartTime: at('06:00:00'), ...action })
    await service.reach('2026-01-01T06:00:00Z')
    expect(await service.sizes()).toEqual(sizes)
  })

  test.each([
    { action: { Recurrence: '61 * * * *' }, refused: 'Given recurrence string: 61 * * * * is invalid' },
    { action: { Recurrence: '0 0 6 * * *' }, refused: 'Given recurrence string: 0 0 6 * * * is invalid' },
    {
      action: { Recurrence: '0 6 * * *', TimeZone: 'Mars/Olympus' },
      refused: 'Given time zone: Mars/Olympus is invalid',
    },
    {
      action: { StartTime: at('02:00:00'), TimeZone: 'Asia/Seoul' },
      refused: 'only be specified together with a recurrence',
    },
    {
      action: { StartTime: at('02:00:00'), DesiredCapacity: undefined },
      refused: 'At least one of MinSize, MaxSize and DesiredCapacity',
    },
    {
      action: { StartTime: at('02:00:00'), MinSize: 9 },
      refused: 'Desired capacity must be greater than or equal to min size',
    },
    {
      action: { StartTime: at('02:00:00'), MinSize: 9, MaxSize: 8, DesiredCapacity: undefined },
      refused: 'Min size must be less than or equal to max size',
    },
  ] as { action: Action; refused: string }[])('is refused: $refused', async ({ action, refused }) => {
    const service = await created()
    const error = await service.put({ DesiredCapacity: 4, ...action }).catch((error: unknown) => error)
    expect(error).toMatchObject({ name: 'ValidationError' })
    expect((error as Error).message).toContain(refused)
    expect(await service.listed()).toEqual([])
  })

  test('is deleted by name, with its group too, and does not run any more', async () => {
    const service = await created()
    await service.put({ StartTime: at('06:00:00'), DesiredCapacity: 4 })
    const remove = () =>
      service.autoScaling.send(new DeleteScheduledActionCommand({ ...of, ScheduledActionName: 'morning' }))
    await remove()
    await expect(remove()).rejects.toMatchObject({ name: 'ValidationError' })
    await service.reach('2026-01-01T06:30:00Z')
    expect(await service.sizes()).toEqual([1, 10, 2])
    await service.put({ StartTime: at('07:00:00'), DesiredCapacity: 4 })
    await service.autoScaling.send(new DeleteAutoScalingGroupCommand({ ...of, ForceDelete: true }))
    expect(await service.listed({})).toEqual([])
    await service.createGroup('other', { DesiredCapacity: 1 })
    await service.reach('2026-01-01T07:30:00Z')
    expect(service.cloud.autoScaling.groups.has(name)).toBe(false)
  })
})

test.each([
  { cron: '0 9 * * 1-5', timeZone: null, after: '2026-01-02T09:00:00Z', next: '2026-01-05T09:00:00Z' },
  { cron: '30 0 1 1,6,12 *', timeZone: null, after: '2026-01-02T00:00:00Z', next: '2026-06-01T00:30:00Z' },
  { cron: '0 9 * * *', timeZone: 'Asia/Seoul', after: '2026-01-01T00:00:00Z', next: '2026-01-02T00:00:00Z' },
  // Summer time begins in Berlin on 2026-03-29.
  {
    cron: '0 9 * * *',
    timeZone: 'Europe/Berlin',
    after: '2026-03-28T12:00:00Z',
    next: '2026-03-29T07:00:00Z',
  },
  { cron: '0 0 1,15 * 1', timeZone: null, after: '2026-01-01T00:00:00Z', next: '2026-01-05T00:00:00Z' },
])('cron $cron in $timeZone after $after is $next', ({ cron, timeZone, after, next }) => {
  expect(new Date(nextRun({ cron, timeZone }, Date.parse(after)) ?? 0).toISOString()).toBe(
    new Date(next).toISOString(),
  )
})
