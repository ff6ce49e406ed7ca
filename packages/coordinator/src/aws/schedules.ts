import {
  BatchDeleteScheduledActionCommand,
  BatchPutScheduledUpdateGroupActionCommand,
  paginateDescribeScheduledActions,
  type FailedScheduledUpdateGroupActionRequest,
  type ScheduledUpdateGroupAction,
  type ScheduledUpdateGroupActionRequest,
} from '@aws-sdk/client-auto-scaling'
import type { ScheduledActionDefinition } from '@switchover/contract/scaling'
import type { AwsClients } from './clients.ts'
import { allPages } from './pages.ts'

/** A quota of 125 actions (Auto Scaling user guide, ec2-auto-scaling-quotas) is far less than this many pages of 50. */
const pageLimit = 20

export async function readSchedules(
  { autoScaling }: Pick<AwsClients, 'autoScaling'>,
  group: string,
): Promise<ScheduledActionDefinition[]> {
  const actions: ScheduledActionDefinition[] = []
  const pages = paginateDescribeScheduledActions({ client: autoScaling }, { AutoScalingGroupName: group })
  for await (const { ScheduledUpdateGroupActions = [] } of allPages(pages, pageLimit))
    actions.push(...ScheduledUpdateGroupActions.map(toDefinition))
  return actions
}

/** `Time` is StartTime under its name of old (API reference, ScheduledUpdateGroupAction). */
function toDefinition(raw: ScheduledUpdateGroupAction): ScheduledActionDefinition {
  return {
    name: raw.ScheduledActionName ?? '',
    startsAt: (raw.StartTime ?? raw.Time)?.getTime() ?? null,
    endsAt: raw.EndTime?.getTime() ?? null,
    recurrence: raw.Recurrence ?? null,
    timeZone: raw.TimeZone ?? null,
    min: raw.MinSize ?? null,
    max: raw.MaxSize ?? null,
    desired: raw.DesiredCapacity ?? null,
  }
}

export function putActionsCommand(group: string, actions: readonly ScheduledActionDefinition[]) {
  return new BatchPutScheduledUpdateGroupActionCommand({
    AutoScalingGroupName: group,
    ScheduledUpdateGroupActions: actions.map(toRequest),
  })
}

function toRequest(action: ScheduledActionDefinition): ScheduledUpdateGroupActionRequest {
  const { name, startsAt, endsAt, recurrence, timeZone, min, max, desired } = action
  return {
    ScheduledActionName: name,
    ...(startsAt === null ? {} : { StartTime: new Date(startsAt) }),
    ...(endsAt === null ? {} : { EndTime: new Date(endsAt) }),
    ...(recurrence === null ? {} : { Recurrence: recurrence }),
    // Refused without a recurrence.
    ...(timeZone === null || recurrence === null ? {} : { TimeZone: timeZone }),
    ...(min === null ? {} : { MinSize: min }),
    ...(max === null ? {} : { MaxSize: max }),
    ...(desired === null ? {} : { DesiredCapacity: desired }),
  }
}

export function deleteActionsCommand(group: string, names: readonly string[]) {
  return new BatchDeleteScheduledActionCommand({
    AutoScalingGroupName: group,
    ScheduledActionNames: [...names],
  })
}

/**
 * Items of a batch that failed, which come with status 200 (API reference, BatchPutScheduledUpdateGroupAction), as one
 * sentence; null where none did.
 */
export function failedItems(
  failed: readonly FailedScheduledUpdateGroupActionRequest[] | undefined,
  what: string,
): string | null {
  const [first, ...others] = failed ?? []
  if (first === undefined) return null
  const why = first.ErrorMessage ?? first.ErrorCode ?? 'AWS gave no reason'
  const more = others.length > 0 ? ` (and ${others.map((one) => one.ScheduledActionName).join(', ')})` : ''
  return `Scheduled action ${first.ScheduledActionName ?? ''}${more} was not ${what}: ${why.replace(/\.$/, '')}.`
}
