import {
  PutScalingPolicyCommand,
  SuspendProcessesCommand,
  type PutScalingPolicyCommandInput,
} from '@aws-sdk/client-auto-scaling'
import { DescribeAlarmsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch'
import type { Intercept } from '@switchover/local-aws/wire/intercept'
import { beforeEach, describe, expect, test } from 'vitest'
import { findPair } from '../src/aws/groups.ts'
import type { DeployOptions } from '../src/commands/options.ts'
import { Refusal } from '../src/events.ts'
import { planDeployment, type Planned } from '../src/preflight/deploy.ts'
import { v2 } from './support/options.ts'
import { createWebService, size, type WebService } from './support/web-service.ts'

let web: WebService

beforeEach(async () => {
  web = await createWebService()
})

async function plan(change: Partial<DeployOptions> = {}): Promise<Planned> {
  const { clients, time } = web.account
  const work = findPair(clients, 'web').then((pair) =>
    planDeployment(clients, { ...v2, ...change }, { id: 'd1', now: time.now(), pair }),
  )
  return web.account.run(work)
}

async function refusal(change: Partial<DeployOptions> = {}): Promise<Refusal> {
  const error = await plan(change).catch((caught: unknown) => caught)
  if (error instanceof Refusal) return error
  throw new Error('It was not refused.', { cause: error })
}

const scalingOf = (planned: Planned) => (planned.kind === 'deploy' ? planned.deployment.flags.scaling : null)

async function policy(group: string, change: Partial<PutScalingPolicyCommandInput> = {}): Promise<string> {
  const { PolicyARN = '' } = await web.account.clients.autoScaling.send(
    new PutScalingPolicyCommand({
      AutoScalingGroupName: group,
      PolicyName: 'out',
      PolicyType: 'SimpleScaling',
      AdjustmentType: 'ChangeInCapacity',
      ScalingAdjustment: 1,
      ...change,
    }),
  )
  return PolicyARN
}

/** Answers DescribeScheduledActions for one group. */
function scheduled(group: string, xml: string): Intercept {
  return async (call, proceed, request) => {
    if (call.operation !== 'DescribeScheduledActions' || !String(request.body).includes(group))
      return proceed()
    const body = `<DescribeScheduledActionsResponse><DescribeScheduledActionsResult><ScheduledUpdateGroupActions>${xml}</ScheduledUpdateGroupActions></DescribeScheduledActionsResult></DescribeScheduledActionsResponse>`
    return { status: 200, headers: { 'content-type': 'text/xml' }, body: Buffer.from(body) }
  }
}

describe('without --scaling', () => {
  test('what only the live group owns is moved', async () => {
    await policy('web-blue')
    const planned = await plan()
    expect([scalingOf(planned), planned.warnings]).toEqual(['move', []])
  })

  test('what both own is recognised, whatever a tool calls it, and said', async () => {
    await policy('web-blue', { PolicyName: 'web-blue-out' })
    await policy('web-green', { PolicyName: 'web-green-out' })
    const planned = await plan()
    expect(scalingOf(planned)).toBe('swap')
    expect(planned.warnings).toEqual([
      expect.stringContaining('web-blue and web-green own the same policies and scheduled actions'),
      expect.stringContaining('AlarmNotification is not suspended on web-green'),
      expect.stringContaining('ScheduledActions is not suspended on web-green'),
    ])
  })

  test('the same name with another definition is refused, and every problem is named', async () => {
    await policy('web-blue')
    await policy('web-green', { ScalingAdjustment: 2 })
    const { exitCode, message } = await refusal({ desired: 9 })
    expect(exitCode).toBe(2)
    expect(message.split('\n')).toEqual([
      '9 instances are required, more than the MaxSize 4 of web-blue: raise it first.',
      'web-green has policies or scheduled actions of its own (out): delete them, or give --scaling swap or --scaling none.',
      'Policy out is not the same on web-blue and on web-green.',
    ])
  })

  test('scheduled actions of the idle group alone are refused', async () => {
    web.account.intercept = scheduled(
      'web-green',
      '<member><ScheduledActionName>night</ScheduledActionName><Recurrence>0 22 * * *</Recurrence><MinSize>1</MinSize></member>',
    )
    expect(await refusal()).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('of its own (night)'),
    })
  })
})

test('--scaling move is refused where the idle group owns the same: its own would be lost on the way back', async () => {
  await policy('web-blue')
  await policy('web-green')
  expect(await refusal({ scaling: 'move' })).toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('of its own (out)'),
  })
})

test('--scaling swap takes what each group owns, and says where they differ', async () => {
  await policy('web-blue')
  const planned = await plan({ scaling: 'swap' })
  expect(scalingOf(planned)).toBe('swap')
  expect(planned.warnings).toEqual([
    expect.stringContaining('web-green owns other policies or scheduled actions than web-blue'),
  ])
})

test('--scaling none asks for nothing', async () => {
  const asked: string[] = []
  await policy('web-green')
  web.account.intercept = async (call, proceed) => {
    asked.push(call.operation)
    return proceed()
  }
  expect(scalingOf(await plan({ scaling: 'none' }))).toBe('none')
  expect(asked).not.toContain('DescribePolicies')
  expect(asked).not.toContain('DescribeScheduledActions')
})

test('what may not be read is one problem among the others', async () => {
  const arn = await policy('web-blue')
  const alarm = {
    AlarmName: 'busy',
    AlarmActions: [arn],
    Namespace: 'AWS/EC2',
    MetricName: 'CPUUtilization',
    Statistic: 'Average' as const,
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 80,
    ComparisonOperator: 'GreaterThanThreshold' as const,
  }
  await web.account.clients.cloudWatch.send(new PutMetricAlarmCommand(alarm))
  const { MetricAlarms } = await web.account.clients.cloudWatch.send(new DescribeAlarmsCommand({}))
  expect(MetricAlarms).toHaveLength(1)
  web.account.intercept = async (call, proceed) => {
    if (call.operation !== 'DescribeAlarms') return proceed()
    const body = JSON.stringify({
      __type: 'com.amazonaws.cloudwatch#AccessDeniedException',
      message: 'User: ops is not authorized to perform: cloudwatch:DescribeAlarms',
    })
    return { status: 403, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) }
  }
  const { exitCode, message } = await refusal({ desired: 9 })
  expect(exitCode).toBe(2)
  expect(message).toContain('9 instances are required')
  expect(message).toContain('of web-blue cannot be read')
  expect(message).toContain('cloudwatch:DescribeAlarms')
})

test('an expression that names the group cannot be moved', async () => {
  const Expression = 'SELECT AVG(CPUUtilization) FROM "AWS/EC2" WHERE AutoScalingGroupName = \'web-blue\''
  await policy('web-blue', {
    PolicyName: 'cpu',
    PolicyType: 'TargetTrackingScaling',
    AdjustmentType: undefined,
    ScalingAdjustment: undefined,
    TargetTrackingConfiguration: {
      TargetValue: 50,
      CustomizedMetricSpecification: { Metrics: [{ Id: 'm1', Expression }] },
    },
  })
  expect((await refusal()).message).toContain('Policy cpu asks for web-blue by name in an expression')
})

test('a predictive policy is moved with a warning about its forecast', async () => {
  await policy('web-blue', {
    PolicyName: 'forecast',
    PolicyType: 'PredictiveScaling',
    AdjustmentType: undefined,
    ScalingAdjustment: undefined,
    PredictiveScalingConfiguration: {
      MetricSpecifications: [
        { TargetValue: 40, PredefinedMetricPairSpecification: { PredefinedMetricType: 'ASGCPUUtilization' } },
      ],
    },
  })
  expect((await plan()).warnings).toEqual([
    'Predictive policy forecast loses its forecast when it moves: for a day it predicts nothing.',
  ])
})

test('a person’s own suspension of the idle group is kept, with a warning about what moves there', async () => {
  await policy('web-blue')
  await web.account.clients.autoScaling.send(
    new SuspendProcessesCommand({
      AutoScalingGroupName: 'web-green',
      ScalingProcesses: ['AlarmNotification'],
    }),
  )
  expect((await plan()).warnings).toEqual([
    'AlarmNotification is suspended on web-green, so that what moves there does not act until you resume it.',
  ])
})

test('a first deployment moves nothing, and names what the group that stays empty has', async () => {
  await size(web.account, 'web-blue', 0)
  await policy('web-green')
  const planned = await plan({ desired: 2 })
  expect(scalingOf(planned)).toBe('none')
  expect(planned.warnings).toContainEqual(
    expect.stringMatching(
      /^web-green, which stays empty, has policies or scheduled actions \(out\): .* put on web-blue /,
    ),
  )
  expect((await plan({ desired: 2, scaling: 'none' })).warnings).toEqual([])
})
