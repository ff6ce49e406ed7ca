import {
  AutoScalingClient,
  DescribeLifecycleHooksCommand,
  paginateDescribeAutoScalingGroups,
  paginateDescribePolicies,
  paginateDescribeScheduledActions,
  type AutoScalingGroup,
} from '@aws-sdk/client-auto-scaling'
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  type AlarmDefinition,
  type PolicyDefinition,
  policyTypes,
  type ScheduledActionDefinition,
} from '@switchover/contract/scaling'
import { alarmSettings, policySettings } from '@switchover/contract/scaling-settings'
import { tagKey } from '@switchover/contract/tags'
import { CannotBeLike, type Hook, type Seen, type TargetGroup } from './likeness.ts'
import { everyPage } from './pages.ts'

export type Account = { region?: string | undefined; profile?: string | undefined }
type Clients = {
  autoScaling: AutoScalingClient
  elb: ElasticLoadBalancingV2Client
  cloudWatch: CloudWatchClient
}

/** As many as one call takes by name (API reference, DescribeAlarms). */
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

function groupsOf(client: AutoScalingClient, service: string): Promise<AutoScalingGroup[]> {
  const query = { Filters: [{ Name: `tag:${tagKey.service}`, Values: [service] }] }
  return everyPage(paginateDescribeAutoScalingGroups({ client }, query), (page) => page.AutoScalingGroups)
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
  const pages = paginateDescribePolicies({ client }, { AutoScalingGroupName: group })
  const policies: PolicyDefinition[] = []
  const names = new Set<string>()
  for (const raw of await everyPage(pages, (page) => page.ScalingPolicies)) {
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

async function actionsOf(client: AutoScalingClient, group: string): Promise<ScheduledActionDefinition[]> {
  const pages = paginateDescribeScheduledActions({ client }, { AutoScalingGroupName: group })
  return (await everyPage(pages, (page) => page.ScheduledUpdateGroupActions)).map((raw) => ({
    name: raw.ScheduledActionName ?? '',
    // Time is StartTime under its name of old (API reference, ScheduledUpdateGroupAction).
    startsAt: (raw.StartTime ?? raw.Time)?.getTime() ?? null,
    endsAt: raw.EndTime?.getTime() ?? null,
    recurrence: raw.Recurrence ?? null,
    timeZone: raw.TimeZone ?? null,
    min: raw.MinSize ?? null,
    max: raw.MaxSize ?? null,
    desired: raw.DesiredCapacity ?? null,
  }))
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
