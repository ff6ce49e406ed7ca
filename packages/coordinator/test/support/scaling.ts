import {
  BatchPutScheduledUpdateGroupActionCommand,
  DescribePoliciesCommand,
  DescribeScheduledActionsCommand,
  PutScalingPolicyCommand,
} from '@aws-sdk/client-auto-scaling'
import { DescribeAlarmsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch'
import type { AwsClients } from '../../src/aws/clients.ts'
import type { Account } from './account.ts'

const mailingList = 'arn:aws:sns:us-east-1:123456789012:ops'

/**
 * Gives a group a target tracking policy, a step policy with its alarm, and two scheduled actions.
 * @param night when the recurrent one runs
 */
export async function ownScaling(
  {
    clients,
    time,
  }: { clients: Pick<AwsClients, 'autoScaling' | 'cloudWatch'>; time: Pick<Account['time'], 'now'> },
  group: string,
  night = '0 22 * * *',
): Promise<void> {
  const { autoScaling, cloudWatch } = clients
  await trackCpu({ clients }, group, false)
  const { PolicyARN } = await autoScaling.send(
    new PutScalingPolicyCommand({
      AutoScalingGroupName: group,
      PolicyName: 'out',
      PolicyType: 'StepScaling',
      AdjustmentType: 'ChangeInCapacity',
      StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
    }),
  )
  await cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName: 'busy',
      AlarmActions: [PolicyARN ?? '', mailingList],
      Namespace: 'AWS/EC2',
      MetricName: 'CPUUtilization',
      Dimensions: [{ Name: 'AutoScalingGroupName', Value: group }],
      Statistic: 'Average',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 80,
      ComparisonOperator: 'GreaterThanThreshold',
    }),
  )
  await autoScaling.send(
    new BatchPutScheduledUpdateGroupActionCommand({
      AutoScalingGroupName: group,
      ScheduledUpdateGroupActions: [
        { ScheduledActionName: 'night', Recurrence: night, TimeZone: 'Asia/Seoul', MinSize: 1 },
        {
          ScheduledActionName: 'launch',
          StartTime: new Date(time.now() + 86_400_000),
          MinSize: 2,
          DesiredCapacity: 3,
        },
      ],
    }),
  )
}

/** Gives a group a target tracking policy. */
export async function trackCpu(
  { clients }: Readonly<{ clients: Pick<Account['clients'], 'autoScaling'> }>,
  group: string,
  enabled = true,
): Promise<void> {
  await clients.autoScaling.send(
    new PutScalingPolicyCommand({
      AutoScalingGroupName: group,
      PolicyName: 'cpu',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingConfiguration: {
        PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
        TargetValue: 50,
      },
      Enabled: enabled,
    }),
  )
}

/** An alarm that calls nobody: for a deployment to watch. */
export async function putWatchedAlarm({ clients }: Account, AlarmName: string): Promise<void> {
  await clients.cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName,
      Namespace: 'Web',
      MetricName: 'Errors',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
    }),
  )
}

const anywhere = { AutoScalingGroupName: undefined }

/** What both groups own and whom the alarm calls, without what differs from run to run. */
export async function scalingOf({ clients }: Account) {
  const { autoScaling, cloudWatch } = clients
  const owned = async (group: string) => {
    const { ScalingPolicies = [] } = await autoScaling.send(
      new DescribePoliciesCommand({ AutoScalingGroupName: group }),
    )
    const { ScheduledUpdateGroupActions = [] } = await autoScaling.send(
      new DescribeScheduledActionsCommand({ AutoScalingGroupName: group }),
    )
    const policies = ScalingPolicies.map(({ Alarms = [], PolicyType, ...rest }) => ({
      ...rest,
      ...anywhere,
      PolicyType,
      PolicyARN: undefined,
      Alarms: PolicyType === 'StepScaling' ? Alarms.map(({ AlarmName }) => AlarmName) : [],
    }))
    const actions = ScheduledUpdateGroupActions.map((action) => ({
      ...action,
      ...anywhere,
      ScheduledActionARN: undefined,
    }))
    return {
      policies: policies.toSorted((a, b) => ((a.PolicyName ?? '') < (b.PolicyName ?? '') ? -1 : 1)),
      actions: actions.toSorted((a, b) =>
        (a.ScheduledActionName ?? '') < (b.ScheduledActionName ?? '') ? -1 : 1,
      ),
    }
  }
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: ['busy'] }))
  const [busy] = MetricAlarms
  return {
    blue: await owned('web-blue'),
    green: await owned('web-green'),
    calls: (busy?.AlarmActions ?? []).map((arn) => arn.replace(/scalingPolicy:[^:]+:/, '')),
    watches: busy?.Dimensions?.map(({ Value }) => Value),
    threshold: busy?.Threshold,
  }
}

export const nothingOwned = { policies: [], actions: [] }
