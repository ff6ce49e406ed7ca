import {
  paginateDescribePolicies,
  paginateDescribeScheduledActions,
  type ScalingPolicy,
  type ScheduledUpdateGroupAction,
} from '@aws-sdk/client-auto-scaling'
import type { AwsClients } from '../aws/clients.ts'
import type { Definition } from './findings/facts.ts'

/** Pages of 50: more than the 50 policies and 125 actions a group may have. */
const pageLimit = 10

export async function readPolicies({ autoScaling }: AwsClients, group: string): Promise<Definition[]> {
  const found: Definition[] = []
  let pages = 0
  const query = { AutoScalingGroupName: group }
  for await (const { ScalingPolicies = [] } of paginateDescribePolicies({ client: autoScaling }, query)) {
    found.push(...ScalingPolicies.map((policy) => policyDefinition(group, policy)))
    pages += 1
    if (pages >= pageLimit) break
  }
  return found
}

export async function readSchedules({ autoScaling }: AwsClients, group: string): Promise<Definition[]> {
  const found: Definition[] = []
  let pages = 0
  const query = { AutoScalingGroupName: group }
  const answers = paginateDescribeScheduledActions({ client: autoScaling }, query)
  for await (const { ScheduledUpdateGroupActions = [] } of answers) {
    found.push(...ScheduledUpdateGroupActions.map((action) => scheduleDefinition(group, action)))
    pages += 1
    if (pages >= pageLimit) break
  }
  return found
}

/** What AWS adds is left out (aws.md 6.1). */
function policyDefinition(group: string, policy: ScalingPolicy): Definition {
  const {
    PolicyName: name = '',
    PolicyARN: _arn,
    Alarms: _alarms,
    AutoScalingGroupName: _group,
    ...rest
  } = policy
  return { name, body: bodyOf(group, rest) }
}

/** The start of a recurring action is its next time, which moves on by itself. */
function scheduleDefinition(group: string, action: ScheduledUpdateGroupAction): Definition {
  const {
    ScheduledActionName: name = '',
    StartTime,
    Recurrence,
    MinSize,
    MaxSize,
    DesiredCapacity,
    EndTime,
    TimeZone,
  } = action
  const once = Recurrence === undefined ? StartTime : undefined
  return {
    name,
    body: bodyOf(group, { Recurrence, MinSize, MaxSize, DesiredCapacity, EndTime, TimeZone, once }),
  }
}

/** Equal for equal definitions, in whatever order AWS answers; metrics of the group itself count as the same. */
function bodyOf(group: string, value: unknown): string {
  return JSON.stringify(sorted(value)).replaceAll(JSON.stringify(group), '"its group"')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, sorted(one)]),
  )
}
