import {
  type CreateAutoScalingGroupCommandInput,
  CreateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { CreateLaunchTemplateCommand, type RequestLaunchTemplateData } from '@aws-sdk/client-ec2'
import {
  CreateListenerCommand,
  type CreateListenerCommandInput,
  CreateLoadBalancerCommand,
  type CreateLoadBalancerCommandInput,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  ModifyTargetGroupAttributesCommand,
  type TargetGroupAttribute,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import type * as account from '@switchover/rehearsal/account'
import type { Resource } from './cloudformation.ts'

type Resources = Readonly<Record<string, Resource>>

/** Properties as the template names them are parameters of the API, but where said. References are replaced by `places`. */
function input(resources: Resources, name: string, places: Readonly<Record<string, string>> = {}): unknown {
  const found = resources[name]
  if (!found) throw new Error(`The template makes no ${name}.`)
  const text = JSON.stringify(found.Properties)
  return JSON.parse(text.replaceAll(/<([\w.]+)>/g, (mark, to: string) => places[to] ?? mark))
}

/**
 * Makes in an account what CloudFormation would make of a service's template, as far as deployments see it.
 * @param resources of `evaluate`
 * @param instanceProfile what the profile is called; CloudFormation would invent a name
 */
export async function createStack(
  { s3, ec2, elb, autoScaling }: account.Clients,
  resources: Resources,
  { instanceProfile }: { instanceProfile: string },
): Promise<void> {
  const { BucketName } = input(resources, 'Store') as { BucketName: string }
  await s3.send(new CreateBucketCommand({ Bucket: BucketName }))
  type TargetGroup = CreateTargetGroupCommandInput & { TargetGroupAttributes: TargetGroupAttribute[] }
  const { TargetGroupAttributes, ...group } = input(resources, 'TargetGroup') as TargetGroup
  const { TargetGroups } = await elb.send(new CreateTargetGroupCommand({ ...group, Name: 'stack' }))
  const targetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? ''
  await elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: targetGroupArn,
      Attributes: TargetGroupAttributes,
    }),
  )
  const balancer = input(resources, 'LoadBalancer') as CreateLoadBalancerCommandInput
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({ ...balancer, Subnets: list(balancer.Subnets), Name: 'stack' }),
  )
  const LoadBalancer = LoadBalancers?.[0]?.LoadBalancerArn ?? ''
  const listener = input(resources, 'Listener', { LoadBalancer, TargetGroup: targetGroupArn })
  await elb.send(new CreateListenerCommand(listener as CreateListenerCommandInput))
  const places = { 'InstanceProfile.Arn': `arn:aws:iam::123456789012:instance-profile/${instanceProfile}` }
  const { LaunchTemplateData } = input(resources, 'LaunchTemplate', places) as {
    LaunchTemplateData: RequestLaunchTemplateData
  }
  const template = await ec2.send(
    new CreateLaunchTemplateCommand({ LaunchTemplateName: 'stack', LaunchTemplateData }),
  )
  const LaunchTemplate = template.LaunchTemplate?.LaunchTemplateId ?? ''
  for (const name of ['Blue', 'Green']) {
    const places = { LaunchTemplate, 'LaunchTemplate.LatestVersionNumber': '1', TargetGroup: targetGroupArn }
    const group = input(resources, name, places) as CreateAutoScalingGroupCommandInput
    await autoScaling.send(
      new CreateAutoScalingGroupCommand({
        ...group,
        // Texts and lists in CloudFormation, numbers and a text in the API.
        MinSize: Number(group.MinSize),
        MaxSize: Number(group.MaxSize),
        VPCZoneIdentifier: list(group.VPCZoneIdentifier).join(','),
      }),
    )
  }
}

/** A parameter of a list type arrives here as its text. */
function list(value: string | readonly string[] | undefined): string[] {
  return typeof value === 'string' ? value.split(',') : [...(value ?? [])]
}
