import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  type CreateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { CreateLaunchTemplateCommand, EC2Client } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingClient } from '@aws-sdk/client-elastic-load-balancing'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { createCloud } from '../../src/create-cloud.ts'
import { builtInImages } from '../../src/ec2/model.ts'
import { inProcessHandler } from '../../src/in-process.ts'
import { virtualMachines, type VirtualOptions } from '../../src/instances/virtual.ts'
import { seededRandom } from '../../src/seeded-random.ts'
import { SimulatedClock } from '../../src/simulated-clock.ts'
import type { Timing } from '../../src/timing.ts'

export const drainS = 60
export const template = 'web'
const store = 's3://store/prefix'

/** Tags of a group whose instances run v1. */
export const groupTags = [
  { Key: 'switchover:service', Value: 'web', PropagateAtLaunch: true },
  { Key: 'switchover:store', Value: store, PropagateAtLaunch: false },
  { Key: 'switchover:version', Value: 'v1', PropagateAtLaunch: false },
]

export type Service = Awaited<ReturnType<typeof createService>>

type Options = { timing?: Partial<Timing>; machines?: Partial<VirtualOptions>; listener?: boolean }

/** An account on simulated time with a load balancer, a launch template and an image; reached by the real SDK clients. */
export async function createService(options: Options = {}) {
  const account = createAccount(options)
  const { cloud, s3, ec2, elb } = account
  await s3.send(new CreateBucketCommand({ Bucket: 'store' }))
  const manifest = { mediaType: 'application/vnd.oci.image.manifest.v1+json', body: Buffer.from('{}') }
  const digest = await cloud.images.put('web', { ...manifest, tag: 'v1' })
  await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: template,
      LaunchTemplateData: {
        ImageId: builtInImages[0]?.id,
        InstanceType: 't3.micro',
        IamInstanceProfile: { Name: 'web-instance' },
      },
    }),
  )
  const targetGroupArn = await createTargetGroup(elb, options.listener ?? true)
  return { ...account, ...views(account, targetGroupArn), digest, targetGroupArn }
}

type Account = ReturnType<typeof createAccount>

function createAccount(options: Options) {
  const clock = new SimulatedClock()
  const cloud = createCloud({
    clock,
    random: seededRandom(7),
    machines: (cloud) => virtualMachines(cloud, options.machines),
    timing: options.timing ?? {},
  })
  const common = {
    region: cloud.region,
    endpoint: 'http://aws.example',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    requestHandler: inProcessHandler(cloud),
    maxAttempts: 1,
  }
  return {
    clock,
    cloud,
    autoScaling: new AutoScalingClient(common),
    cloudWatch: new CloudWatchClient(common),
    ec2: new EC2Client(common),
    elb: new ElasticLoadBalancingV2Client(common),
    classicElb: new ElasticLoadBalancingClient(common),
    s3: new S3Client({ ...common, forcePathStyle: true }),
  }
}

/** What tests look at again and again. */
function views({ autoScaling, clock, elb }: Account, targetGroupArn: string) {
  const group = async (name: string) => {
    const { AutoScalingGroups } = await autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
    )
    const [found] = AutoScalingGroups ?? []
    if (!found) throw new Error(`There is no group ${name}.`)
    return found
  }
  const ids = async (name: string) =>
    ((await group(name)).Instances ?? []).map((one) => String(one.InstanceId))
  return {
    group,
    ids,
    /** Lifecycle states of a group's instances, sorted. */
    states: async (name: string) =>
      ((await group(name)).Instances ?? []).map((one) => String(one.LifecycleState)).toSorted(),
    /** State and reason in the load balancer, by instance id. */
    health: async () => {
      const { TargetHealthDescriptions } = await elb.send(
        new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
      )
      return new Map(
        (TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }) => [
          Target?.Id ?? '',
          [TargetHealth?.State, TargetHealth?.Reason].filter(Boolean).join(' '),
        ]),
      )
    },
    activities: async (name: string) => {
      const { Activities } = await autoScaling.send(
        new DescribeScalingActivitiesCommand({ AutoScalingGroupName: name }),
      )
      return Activities ?? []
    },
    /** A group behind the target group; time then passes until it has settled. */
    createGroup: async (name: string, settings: Partial<CreateAutoScalingGroupCommandInput> = {}) => {
      await autoScaling.send(
        new CreateAutoScalingGroupCommand({
          AutoScalingGroupName: name,
          LaunchTemplate: { LaunchTemplateName: template, Version: '$Latest' },
          MinSize: 0,
          MaxSize: 4,
          AvailabilityZones: ['us-east-1a', 'us-east-1b'],
          TargetGroupARNs: [targetGroupArn],
          Tags: groupTags.map((tag) => ({ ...tag, ResourceId: name, ResourceType: 'auto-scaling-group' })),
          ...settings,
        }),
      )
      await clock.advance(120_000)
      return ids(name)
    },
  }
}

async function createTargetGroup(elb: ElasticLoadBalancingV2Client, listener: boolean): Promise<string> {
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'web',
      Port: 8_080,
      Protocol: 'HTTP',
      HealthCheckPath: '/readyz',
      HealthCheckPort: '8090',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 3,
      UnhealthyThresholdCount: 2,
    }),
  )
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? ''
  await elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn,
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: String(drainS) }],
    }),
  )
  if (!listener) return TargetGroupArn
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({ Name: 'web', Subnets: ['subnet-a'] }),
  )
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 8_000,
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    }),
  )
  return TargetGroupArn
}
