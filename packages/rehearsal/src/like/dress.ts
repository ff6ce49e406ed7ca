import {
  paginateDescribePolicies,
  paginateDescribeScheduledActions,
  PutScalingPolicyCommand,
  PutScheduledUpdateGroupActionCommand,
} from '@aws-sdk/client-auto-scaling'
import { CloudWatchClient, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch'
import type { ScheduledActionDefinition } from '@switchover/contract/scaling'
import { type Clients, keys } from '../account.ts'
import type { Check } from '../checks.ts'
import type { Likeness } from './likeness.ts'
import { everyPage } from './pages.ts'

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
  for (const action of actions) await clients.autoScaling.send(putAction(group, action))
}

function putAction(group: string, action: ScheduledActionDefinition): PutScheduledUpdateGroupActionCommand {
  const { name, startsAt, endsAt, recurrence, timeZone, min, max, desired } = action
  return new PutScheduledUpdateGroupActionCommand({
    AutoScalingGroupName: group,
    ScheduledActionName: name,
    StartTime: startsAt === null ? undefined : new Date(startsAt),
    EndTime: endsAt === null ? undefined : new Date(endsAt),
    Recurrence: recurrence ?? undefined,
    // Refused without a recurrence.
    TimeZone: recurrence === null ? undefined : (timeZone ?? undefined),
    MinSize: min ?? undefined,
    MaxSize: max ?? undefined,
    DesiredCapacity: desired ?? undefined,
  })
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

async function ownedBy({ autoScaling: client }: Clients, group: string): Promise<string[]> {
  const of = { AutoScalingGroupName: group }
  const [policies, actions] = await Promise.all([
    everyPage(paginateDescribePolicies({ client }, of), (page) => page.ScalingPolicies),
    everyPage(paginateDescribeScheduledActions({ client }, of), (page) => page.ScheduledUpdateGroupActions),
  ])
  return [
    ...policies.map(({ PolicyName = '' }) => PolicyName),
    ...actions.map(({ ScheduledActionName = '' }) => ScheduledActionName),
  ].toSorted()
}
