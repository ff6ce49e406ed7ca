import {
  DescribePoliciesCommand,
  DescribeScheduledActionsCommand,
  PutScalingPolicyCommand,
  PutScheduledUpdateGroupActionCommand,
} from '@aws-sdk/client-auto-scaling'
import { CloudWatchClient, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch'
import { type Clients, keys } from '../account.ts'
import type { Check } from '../checks.ts'
import type { Likeness } from './likeness.ts'

type Place = { clients: Clients; endpoint: string; region: string; group: string }

/** Puts the service's policies, their alarms and its scheduled actions on the group that serves. */
export async function dress(place: Place, { policies, alarms, actions }: Likeness): Promise<void> {
  const { clients, endpoint, region, group } = place
  const arns: string[] = []
  for (const { name, type, settings } of policies) {
    const put = new PutScalingPolicyCommand({
      ...settings,
      AutoScalingGroupName: group,
      PolicyName: name,
      PolicyType: type,
    })
    const { PolicyARN } = await clients.autoScaling.send(put)
    if (PolicyARN !== undefined && type !== 'TargetTrackingScaling') arns.push(PolicyARN)
  }
  const cloudWatch = new CloudWatchClient({ endpoint, region, credentials: keys })
  for (const { name, settings } of alarms) {
    // Which of the policies it calls does not matter where nothing is measured.
    const actionsOf = { AlarmActions: arns.slice(0, 1), OKActions: [], InsufficientDataActions: [] }
    await cloudWatch.send(new PutMetricAlarmCommand({ ...settings, ...actionsOf, AlarmName: name }))
  }
  for (const { name, input } of actions)
    await clients.autoScaling.send(
      new PutScheduledUpdateGroupActionCommand({
        ...input,
        AutoScalingGroupName: group,
        ScheduledActionName: name,
      }),
    )
}

/** At the end the group that serves has them, and the other one has none. */
export async function checkScaling(
  clients: Clients,
  { serving, other }: { serving: string; other: string },
  { policies, actions }: Likeness,
): Promise<Check[]> {
  const wanted = [...policies, ...actions].map(({ name }) => name).toSorted()
  if (wanted.length === 0) return []
  const [here, there] = await Promise.all([ownedBy(clients, serving), ownedBy(clients, other)])
  return [
    {
      must: `policies and scheduled actions are on ${serving}, and on no other group`,
      ok: here.join() === wanted.join() && there.length === 0,
      seen: `${serving}: ${here.join(', ') || 'none'}; ${other}: ${there.join(', ') || 'none'}`,
    },
  ]
}

async function ownedBy({ autoScaling }: Clients, group: string): Promise<string[]> {
  const [{ ScalingPolicies = [] }, { ScheduledUpdateGroupActions = [] }] = await Promise.all([
    autoScaling.send(new DescribePoliciesCommand({ AutoScalingGroupName: group, MaxRecords: 100 })),
    autoScaling.send(new DescribeScheduledActionsCommand({ AutoScalingGroupName: group, MaxRecords: 100 })),
  ])
  return [
    ...ScalingPolicies.map(({ PolicyName = '' }) => PolicyName),
    ...ScheduledUpdateGroupActions.map(({ ScheduledActionName = '' }) => ScheduledActionName),
  ].toSorted()
}
