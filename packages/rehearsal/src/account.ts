import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  CreateOrUpdateTagsCommand,
  DescribeAutoScalingGroupsCommand,
  PutLifecycleHookCommand,
  SetDesiredCapacityCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { CreateLaunchTemplateCommand, DescribeImagesCommand, EC2Client } from '@aws-sdk/client-ec2'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { tagKey } from '@switchover/contract/tags'
import type { Likeness } from './like/likeness.ts'

export const service = 'web'
export const groupNames = ['web-blue', 'web-green'] as const
export const bucket = 'switchover-rehearsal'
export const store = `s3://${bucket}/store`
/** Also the name of its role. */
export const instanceProfile = 'web-instance'
/** Of the account and the Region; the local AWS knows no other. */
export const place = { account: '123456789012', region: 'us-east-1' }

/** What the rehearsal's account is made of; times in seconds, as AWS takes them. */
export type AccountPlan = {
  userData: string
  listenerPort: number
  appPort: number
  agentPort: number
  healthIntervalS: number
  deregistrationDelayS: number
  maxSize: number
  /** Of a service that is rehearsed; the rehearsal's own where it is not given. */
  like?: Pick<Likeness, 'checks' | 'graceS' | 'hooks'> | undefined
}

const ownChecks = { timeoutS: 4, healthyThreshold: 2, unhealthyThreshold: 2 }
const ownHooks: Likeness['hooks'] = [
  {
    name: 'boot',
    transition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
    heartbeatS: 300,
    defaultResult: 'ABANDON',
  },
]

/** An administrator's. Any keys do: requests must be signed, but the local AWS has no secret to check them by. */
export const keys = { accessKeyId: 'rehearsal', secretAccessKey: 'rehearsal' }

/** What a process needs to speak to the account, as an administrator or in a role's session. */
export function accountEnv(
  endpoint: string,
  region: string,
  credentials: { accessKeyId: string; secretAccessKey: string; token?: string } = keys,
): Record<string, string> {
  const { accessKeyId, secretAccessKey, token } = credentials
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(token === undefined ? {} : { AWS_SESSION_TOKEN: token }),
  }
}

export type Clients = {
  autoScaling: AutoScalingClient
  elb: ElasticLoadBalancingV2Client
  ec2: EC2Client
  s3: S3Client
}

export function createClients(endpoint: string, region: string): Clients {
  const common = { endpoint, region, credentials: keys }
  return {
    autoScaling: new AutoScalingClient(common),
    elb: new ElasticLoadBalancingV2Client(common),
    ec2: new EC2Client(common),
    s3: new S3Client({ ...common, forcePathStyle: true }),
  }
}

/** The store's bucket: made first, for the agent's tarball must lie there before a launch template can name it. */
export async function createStore(clients: Clients): Promise<void> {
  await clients.s3.send(new CreateBucketCommand({ Bucket: bucket }))
}

/** A load balancer, its target group, a launch template and the pair of empty groups, as a service has them on AWS. */
export async function createService(
  clients: Clients,
  plan: AccountPlan,
): Promise<{ targetGroupArn: string }> {
  const targetGroupArn = await createLoadBalancer(clients.elb, plan)
  const template = await clients.ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: service,
      LaunchTemplateData: {
        ImageId: await machineImage(clients.ec2),
        InstanceType: process.arch === 'arm64' ? 't4g.micro' : 't3.micro',
        UserData: Buffer.from(plan.userData).toString('base64'),
        IamInstanceProfile: { Name: instanceProfile },
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      },
    }),
  )
  const id = template.LaunchTemplate?.LaunchTemplateId
  if (id === undefined) throw new Error('CreateLaunchTemplate answered without an id.')
  for (const name of groupNames) await createGroup(clients.autoScaling, name, id, targetGroupArn, plan)
  return { targetGroupArn }
}

/** The newest image for this host's own architecture: a container instance runs on its processor. */
export async function machineImage(ec2: EC2Client): Promise<string> {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64'
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['self', 'amazon'] }))
  const id = Images.find((image) => image.Architecture === architecture)?.ImageId
  if (id === undefined) throw new Error(`The account has no machine image for ${architecture}.`)
  return id
}

async function createLoadBalancer(elb: ElasticLoadBalancingV2Client, plan: AccountPlan): Promise<string> {
  const { timeoutS, healthyThreshold, unhealthyThreshold } = plan.like?.checks ?? ownChecks
  const balancer = await elb.send(
    new CreateLoadBalancerCommand({ Name: service, Type: 'application', Subnets: ['subnet-a', 'subnet-b'] }),
  )
  const group = await elb.send(
    new CreateTargetGroupCommand({
      Name: service,
      Protocol: 'HTTP',
      Port: plan.appPort,
      VpcId: 'vpc-rehearsal',
      TargetType: 'instance',
      HealthCheckPort: String(plan.agentPort),
      HealthCheckPath: '/readyz',
      HealthCheckIntervalSeconds: plan.healthIntervalS,
      HealthCheckTimeoutSeconds: timeoutS,
      HealthyThresholdCount: healthyThreshold,
      UnhealthyThresholdCount: unhealthyThreshold,
      Tags: [{ Key: tagKey.service, Value: service }],
    }),
  )
  const targetGroupArn = group.TargetGroups?.[0]?.TargetGroupArn
  const loadBalancerArn = balancer.LoadBalancers?.[0]?.LoadBalancerArn
  if (targetGroupArn === undefined || loadBalancerArn === undefined) {
    throw new Error('The load balancer was created without an ARN.')
  }
  await elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: targetGroupArn,
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: String(plan.deregistrationDelayS) }],
    }),
  )
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: loadBalancerArn,
      Protocol: 'HTTP',
      Port: plan.listenerPort,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  )
  return targetGroupArn
}

async function createGroup(
  autoScaling: AutoScalingClient,
  name: string,
  launchTemplateId: string,
  targetGroupArn: string,
  plan: AccountPlan,
): Promise<void> {
  await autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      LaunchTemplate: { LaunchTemplateId: launchTemplateId, Version: '$Latest' },
      MinSize: 0,
      MaxSize: plan.maxSize,
      DesiredCapacity: 0,
      VPCZoneIdentifier: 'subnet-a,subnet-b',
      TargetGroupARNs: [targetGroupArn],
      HealthCheckType: 'ELB',
      HealthCheckGracePeriod: plan.like?.graceS ?? 120,
      Tags: [
        { Key: tagKey.service, Value: service, PropagateAtLaunch: true },
        { Key: tagKey.store, Value: store, PropagateAtLaunch: false },
      ],
    }),
  )
  for (const hook of plan.like?.hooks ?? ownHooks)
    await autoScaling.send(
      new PutLifecycleHookCommand({
        AutoScalingGroupName: name,
        LifecycleHookName: hook.name,
        LifecycleTransition: hook.transition,
        HeartbeatTimeout: hook.heartbeatS,
        DefaultResult: hook.defaultResult,
      }),
    )
}

/** Brings the first group up by hand, as a service is before Switchover has deployed anything. */
export async function bringUp(
  clients: Clients,
  group: string,
  tags: Readonly<Record<string, string>>,
  instances: number,
  min: number = instances,
): Promise<void> {
  await clients.autoScaling.send(
    new CreateOrUpdateTagsCommand({
      Tags: Object.entries(tags).map(([Key, Value]) => ({
        ResourceId: group,
        ResourceType: 'auto-scaling-group',
        Key,
        Value,
        PropagateAtLaunch: false,
      })),
    }),
  )
  await clients.autoScaling.send(
    new SetDesiredCapacityCommand({ AutoScalingGroupName: group, DesiredCapacity: instances }),
  )
  await clients.autoScaling.send(
    new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: group, MinSize: min }),
  )
}

export type GroupState = {
  min: number
  max: number
  desired: number
  suspended: string[]
  tags: Record<string, string>
  instances: Record<string, string>
}

export async function groupState(clients: Clients, name: string): Promise<GroupState> {
  const answer = await clients.autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  )
  const group = answer.AutoScalingGroups?.[0]
  if (!group) throw new Error(`Group ${name} is not there.`)
  return {
    min: group.MinSize ?? 0,
    max: group.MaxSize ?? 0,
    desired: group.DesiredCapacity ?? 0,
    suspended: (group.SuspendedProcesses ?? []).map((process) => process.ProcessName ?? '').toSorted(),
    tags: Object.fromEntries((group.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? ''])),
    instances: Object.fromEntries(
      (group.Instances ?? []).map((instance) => [instance.InstanceId ?? '', instance.LifecycleState ?? '']),
    ),
  }
}

export async function healthyTargets(clients: Clients, targetGroupArn: string): Promise<string[]> {
  const answer = await clients.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }))
  return (answer.TargetHealthDescriptions ?? [])
    .filter((row) => row.TargetHealth?.State === 'healthy')
    .map((row) => row.Target?.Id ?? '')
}
