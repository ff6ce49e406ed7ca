import {
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling'
import { CreateLaunchTemplateCommand } from '@aws-sdk/client-ec2'
import { tagKey } from '@switchover/contract/tags'
import type { AwsClients } from '../../src/aws/clients.ts'

/** What instances of `web` are launched from. @returns the template's id */
export async function createTemplate({ ec2 }: AwsClients): Promise<string> {
  const { LaunchTemplate } = await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: 'web',
      LaunchTemplateData: {
        ImageId: 'ami-0c0ffee0000000864',
        InstanceType: 't3.small',
        IamInstanceProfile: { Name: 'web' },
      },
    }),
  )
  return LaunchTemplate?.LaunchTemplateId ?? ''
}

type Settings = Readonly<{ template: string; tags: Readonly<Record<string, string>> }> &
  Omit<
    CreateAutoScalingGroupCommandInput,
    'AutoScalingGroupName' | 'LaunchTemplate' | 'AvailabilityZones' | 'Tags'
  >

/** One group of `web`, in two zones; the service's name alone goes to its instances, as a tag. */
export async function createGroup(
  { autoScaling }: AwsClients,
  name: string,
  { template, tags, ...settings }: Settings,
): Promise<void> {
  await autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      LaunchTemplate: { LaunchTemplateId: template, Version: '$Latest' },
      AvailabilityZones: ['us-east-1a', 'us-east-1b'],
      ...settings,
      Tags: Object.entries({ [tagKey.service]: 'web', ...tags }).map(([Key, Value]) => ({
        Key,
        Value,
        ResourceId: name,
        ResourceType: 'auto-scaling-group',
        PropagateAtLaunch: Key === tagKey.service,
      })),
    }),
  )
}
