import {
  AutoScalingClient,
  DescribeLifecycleHooksCommand,
  paginateDescribeAutoScalingGroups,
  paginateDescribePolicies,
  paginateDescribeScheduledActions,
  type AutoScalingGroup,
  type ScheduledUpdateGroupAction,
} from '@aws-sdk/client-auto-scaling'
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { type AlarmDefinition, type PolicyDefinition, policyTypes } from '@switchover/contract/scaling'
import { alarmSettings, policySettings } from '@switchover/contract/scaling-settings'
import { tagKey } from '@switchover/contract/tags'
import { type Action, CannotBeLike, type Hook, type Seen, type TargetGroup } from './likeness.ts'

export type Account = { region?: string | undefined; profile?: string | undefined }
type Clients = {
  autoScaling: AutoScalingClient
  elb: ElasticLoadBalancingV2Client
  cloudWatch: CloudWatchClient
}

/** As many as one call takes by name (aws.md 6.2). */
const alarmsPerCall = 100

/**
 * Reads a service where the environment's credentials lead; every call is a Describe.
 * @throws {CannotBeLike} where no group has the service's tag
 */
export async function readService(service: string, { region, profile }: Account): Promise<Seen> {
  const settings = {
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
  }
  const clients: Clients = {
    autoScaling: new AutoScalingClient(settings),
    elb: new ElasticLoadBalancingV2Client(settings),
    cloudWatch: new CloudWatchClient(settings),
  }
  try {
    return await read(clients, service)
  } finally {
    for (const client of Object.values(clients)) client.destroy()
  }
}

async function read(clients: Clients, service: string): Promise<Seen> {
  const groups = await groupsOf(clients.autoScaling, service)
  const [live] = groups.toSorted((a, b) => (b.DesiredCapacity ?? 0) - (a.DesiredCapacity ?? 0))
  if (live === undefined)
    throw new CannotBeLike(
      `No Auto Scaling group in this account and region has the tag ${tagKey.service}=${service}.`,
    )
  const name = live.AutoScalingGroupName ?? ''
  const [hooks, { policies, alarms }, actions, targetGroups] = await Promise.all([
    hooksOf(clients.autoScaling, name),
    policiesOf(clients, name),
    actionsOf(clients.autoScaling, name),
    targetGroupsOf(clients.elb, live.TargetGroupARNs ?? []),
  ])
  return {
    live: {
      name,
      min: live.MinSize ?? 0,
      max: live.MaxSize ?? 0,
      desired: live.DesiredCapacity ?? 0,
      graceS: live.HealthCheckGracePeriod ?? 0,
    },
    groups: groups.length,
    hooks,
    policies,
    alarms,
    actions,
    targetGroups,
    classicLoadBalancers: live.LoadBalancerNames?.length ?? 0,
  }
}

async function groupsOf(client: AutoScalingClient, service: string): Promise<AutoScalingGroup[]> {
  const query = { Filters: [{ Name: `tag:${tagKey.service}`, Values: [service] }] }
  const groups: AutoScalingGroup[] = []
  for await (const { AutoScalingGroups = [] } of paginateDescribeAutoScalingGroups({ client }, query))
    groups.push(...AutoScalingGroups)
  return groups
}

async function hooksOf(client: AutoScalingClient, group: string): Promise<Hook[]> {
  const { LifecycleHooks = [] } = await client.send(
    new DescribeLifecycleHooksCommand({ AutoScalingGroupName: group }),
  )
  return LifecycleHooks.map((hook) => ({
    name: hook.LifecycleHookName ?? '',
    transition: hook.LifecycleTransition ?? '',
    heartbeatS: hook.HeartbeatTimeout ?? 3_600,
    defaultResult: hook.DefaultResult ?? 'ABANDON',
  }))
}

/** Policies, and the alarms that call them; target tracking makes its own. */
async function policiesOf(
  { autoScaling: client, cloudWatch }: Clients,
  group: string,
): Promise<{ policies: PolicyDefinition[]; alarms: AlarmDefinition[] }> {
  const policies: PolicyDefinition[] = []
  const names = new Set<string>()
  for await (const { ScalingPolicies = [] } of paginateDescribePolicies(
    { client },
    { AutoScalingGroupName: group },
  ))
    for (const raw of ScalingPolicies) {
      const type = policyTypes.find((one) => one === (raw.PolicyType ?? 'SimpleScaling'))
      if (type === undefined) continue
      policies.push({ name: raw.PolicyName ?? '', type, settings: policySettings(type, raw) })
      if (type !== 'TargetTrackingScaling')
        for (const { AlarmName = '' } of raw.Alarms ?? []) names.add(AlarmName)
    }
  if (names.size === 0) return { policies, alarms: [] }
  const { MetricAlarms = [] } = await cloudWatch.send(
    new DescribeAlarmsCommand({ AlarmNames: [...names].slice(0, alarmsPerCall), MaxRecords: alarmsPerCall }),
  )
  const alarms = MetricAlarms.map((raw) => ({ name: raw.AlarmName ?? '', settings: alarmSettings(raw) }))
  return { policies, alarms }
}

async function actionsOf(client: AutoScalingClient, group: string): Promise<Action[]> {
  const actions: Action[] = []
  for await (const { ScheduledUpdateGroupActions = [] } of paginateDescribeScheduledActions(
    { client },
    { AutoScalingGroupName: group },
  ))
    actions.push(...ScheduledUpdateGroupActions.map(toAction))
  return actions
}

/** `Time` is StartTime under its name of old; a time zone is refused without a recurrence (aws.md 6.3). */
function toAction(raw: ScheduledUpdateGroupAction): Action {
  const { ScheduledActionName: name = '', StartTime, EndTime, Recurrence, TimeZone } = raw
  const { MinSize, MaxSize, DesiredCapacity } = raw
  const zone = Recurrence === undefined ? undefined : TimeZone
  const input = { StartTime, EndTime, Recurrence, TimeZone: zone, MinSize, MaxSize, DesiredCapacity }
  return {
    name,
    input: Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)),
  }
}

async function targetGroupsOf(
  elb: ElasticLoadBalancingV2Client,
  arns: readonly string[],
): Promise<TargetGroup[]> {
  if (arns.length === 0) return []
  const { TargetGroups = [] } = await elb.send(
    new DescribeTargetGroupsCommand({ TargetGroupArns: [...arns] }),
  )
  return Promise.all(
    TargetGroups.map(async (raw) => {
      const { Attributes = [] } = await elb.send(
        new DescribeTargetGroupAttributesCommand({ TargetGroupArn: raw.TargetGroupArn }),
      )
      const drain = Attributes.find(({ Key }) => Key === 'deregistration_delay.timeout_seconds')
      return {
        name: raw.TargetGroupName ?? '',
        protocol: raw.Protocol ?? '',
        intervalS: raw.HealthCheckIntervalSeconds ?? 30,
        timeoutS: raw.HealthCheckTimeoutSeconds ?? 5,
        healthyThreshold: raw.HealthyThresholdCount ?? 5,
        unhealthyThreshold: raw.UnhealthyThresholdCount ?? 2,
        drainS: Number(drain?.Value ?? 300),
      }
    }),
  )
}
