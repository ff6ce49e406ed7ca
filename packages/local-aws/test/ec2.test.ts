import { DetachInstancesCommand } from '@aws-sdk/client-auto-scaling'
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInstanceStatusCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeTagsCommand,
  RebootInstancesCommand,
  TerminateInstancesCommand,
  type DescribeInstancesCommandInput,
} from '@aws-sdk/client-ec2'
import { describe, expect, test } from 'vitest'
import { builtInImages } from '../src/ec2/model.ts'
import { createService, groupTags, template } from './support/service.ts'

const name = 'web-blue'
const nobody = 'i-0123456789abcdef0'

async function twoInstances(options?: Parameters<typeof createService>[0]) {
  const service = await createService(options)
  const ids = await service.createGroup(name, { DesiredCapacity: 2 })
  const list = async (input: DescribeInstancesCommandInput) => {
    const { Reservations } = await service.ec2.send(new DescribeInstancesCommand(input))
    return (Reservations ?? []).flatMap(({ Instances }) => Instances ?? [])
  }
  return { ...service, ids, list }
}

describe('DescribeInstances', () => {
  test('tells what is known of an instance', async () => {
    const { ids, list, cloud } = await twoInstances()
    const [instance] = await list({ InstanceIds: ids.slice(0, 1) })
    expect(instance).toMatchObject({
      InstanceId: ids[0],
      ImageId: builtInImages[0]?.id,
      InstanceType: 't3.micro',
      State: { Code: 16, Name: 'running' },
      Architecture: 'x86_64',
      PrivateIpAddress: cloud.ec2.instance(ids[0] ?? '')?.ip,
      IamInstanceProfile: { Arn: 'arn:aws:iam::123456789012:instance-profile/web-instance' },
    })
    expect(instance?.LaunchTime).toBeInstanceOf(Date)
  })

  test('takes filters, with wildcards, and pages', async () => {
    const { ids, list, ec2 } = await twoInstances()
    const found = async (Name: string, ...Values: string[]) =>
      (await list({ Filters: [{ Name, Values }] })).length
    expect(await found('instance-state-name', 'running', 'pending')).toBe(2)
    expect(await found('instance-state-name', 'stopped')).toBe(0)
    expect(await found('tag:switchover:service', 'w*')).toBe(2)
    expect(await found('tag:switchover:service', 'w')).toBe(0)
    expect(await found('tag:aws:autoscaling:groupName', name)).toBe(2)
    await expect(found('nonsense', 'x')).rejects.toMatchObject({ name: 'InvalidParameterValue' })
    const first = await ec2.send(new DescribeInstancesCommand({ MaxResults: 1 }))
    expect(first.Reservations).toHaveLength(1)
    expect(await list({ NextToken: first.NextToken })).toHaveLength(1)
    await expect(list({ InstanceIds: ids, MaxResults: 5 })).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
    })
  })

  test.each([
    [nobody, 'InvalidInstanceID.NotFound', `The instance ID '${nobody}' does not exist`],
    ['i-nonsense', 'InvalidInstanceID.Malformed', 'Invalid id: "i-nonsense"'],
  ])('fails as a whole for %s', async (bad, code, message) => {
    const { ids, list } = await twoInstances()
    await expect(list({ InstanceIds: [...ids, bad] })).rejects.toMatchObject({ name: code, message })
  })
})

describe('an instance', () => {
  test('ends by way of shutting-down, and stays listed for an hour', async () => {
    const { ec2, ids, list, clock } = await twoInstances()
    const InstanceIds = ids.slice(0, 1)
    const end = () => ec2.send(new TerminateInstancesCommand({ InstanceIds }))
    const { TerminatingInstances } = await end()
    expect(TerminatingInstances?.[0]).toMatchObject({
      PreviousState: { Code: 16, Name: 'running' },
      CurrentState: { Code: 32, Name: 'shutting-down' },
    })
    await clock.advance(30_000)
    expect((await list({ InstanceIds }))[0]?.State).toEqual({ Code: 48, Name: 'terminated' })
    expect((await end()).TerminatingInstances?.[0]?.PreviousState?.Name).toBe('terminated')
    await clock.advance(3_600_000)
    await expect(list({ InstanceIds })).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' })
  })

  test('is ended with no other when one id is wrong', async () => {
    const { ec2, ids, cloud } = await twoInstances()
    await expect(
      ec2.send(new TerminateInstancesCommand({ InstanceIds: [...ids, nobody] })),
    ).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' })
    expect(ids.map((id) => cloud.ec2.stateOf(id))).toEqual(['running', 'running'])
  })

  test('answers 503 after a reboot until its version was verified again', async () => {
    const { ec2, ids, clock, health } = await twoInstances()
    const [id = ''] = ids
    await ec2.send(new RebootInstancesCommand({ InstanceIds: [id] }))
    await clock.advance(12_000)
    expect((await health()).get(id)).toBe('unhealthy Target.ResponseCodeMismatch')
    await clock.advance(40_000)
    expect((await health()).get(id)).toBe('healthy')
  })

  test('has a status while it runs', async () => {
    const { ec2, ids, clock } = await twoInstances()
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: ids.slice(0, 1) }))
    await clock.advance(30_000)
    const ask = async (IncludeAllInstances: boolean) =>
      (
        await ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: ids, IncludeAllInstances }))
      ).InstanceStatuses?.map((one) => `${one.InstanceState?.Name} ${one.InstanceStatus?.Status}`).toSorted()
    expect(await ask(false)).toEqual(['running ok'])
    expect(await ask(true)).toEqual(['running ok', 'terminated not-applicable'])
  })
})

describe('tags of an instance', () => {
  test('are seen late, those of the launch included', async () => {
    const { autoScaling, ec2, cloud, clock, list } = await twoInstances({ timing: { tagLagMs: 30_000 } })
    const { ids } = { ids: [...cloud.autoScaling.group(name).members.keys()] }
    const tagsOf = async () => {
      const [instance] = await list({ InstanceIds: ids.slice(0, 1) })
      return Object.fromEntries(instance?.Tags?.map(({ Key, Value }) => [Key, Value]) ?? [])
    }
    await ec2.send(
      new CreateTagsCommand({
        Resources: ids.slice(0, 1),
        Tags: [{ Key: 'switchover:service', Value: 'other' }],
      }),
    )
    expect(await tagsOf()).toEqual({ 'switchover:service': 'web', 'aws:autoscaling:groupName': name })
    await clock.advance(30_000)
    expect(await tagsOf()).toEqual({ 'switchover:service': 'other', 'aws:autoscaling:groupName': name })
    await autoScaling.send(
      new DetachInstancesCommand({
        AutoScalingGroupName: name,
        InstanceIds: ids.slice(0, 1),
        ShouldDecrementDesiredCapacity: true,
      }),
    )
    await clock.advance(120_000)
    expect(await tagsOf()).toEqual({ 'switchover:service': 'other' })
    const Filters = [{ Name: 'resource-id', Values: ids.slice(0, 1) }]
    const { Tags } = await ec2.send(new DescribeTagsCommand({ Filters }))
    expect(Tags?.map(({ Key }) => Key)).toEqual(['switchover:service'])
  })

  test('begin with those of the launch, unseen while the instance is young', async () => {
    const service = await createService({ timing: { tagLagMs: 300_000 } })
    const [id = ''] = await service.createGroup(name, { DesiredCapacity: 1 })
    const ask = async () =>
      (await service.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }))).Reservations?.[0]
        ?.Instances?.[0]?.Tags
    expect(await ask()).toEqual([])
    await service.clock.advance(300_000)
    const propagated = groupTags
      .filter((tag) => tag.PropagateAtLaunch)
      .map(({ Key, Value }) => ({ Key, Value }))
    expect(await ask()).toEqual([...propagated, { Key: 'aws:autoscaling:groupName', Value: name }])
  })

  test('are at most fifty', async () => {
    const { ec2, ids } = await twoInstances()
    const Tags = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: '' }))
    await expect(ec2.send(new CreateTagsCommand({ Resources: ids, Tags }))).rejects.toMatchObject({
      name: 'TagLimitExceeded',
    })
  })
})

describe('launch templates and images', () => {
  test('versions are kept, numbered, and described as they were made', async () => {
    const { ec2 } = await createService()
    const UserData = Buffer.from('#!/bin/sh\necho "<&>"\n').toString('base64')
    const made = await ec2.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateName: template,
        SourceVersion: '1',
        LaunchTemplateData: {
          UserData,
          MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
          TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'team', Value: 'web' }] }],
        },
      }),
    )
    expect(made.LaunchTemplateVersion?.VersionNumber).toBe(2)
    const { LaunchTemplateVersions } = await ec2.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: template, Versions: ['$Latest'] }),
    )
    expect(LaunchTemplateVersions).toHaveLength(1)
    expect(LaunchTemplateVersions?.[0]).toMatchObject({ VersionNumber: 2, DefaultVersion: false })
    expect(LaunchTemplateVersions?.[0]?.LaunchTemplateData).toMatchObject({
      ImageId: builtInImages[0]?.id,
      InstanceType: 't3.micro',
      UserData,
      IamInstanceProfile: { Name: 'web-instance' },
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'team', Value: 'web' }] }],
    })
    const { LaunchTemplates } = await ec2.send(
      new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [template] }),
    )
    expect(LaunchTemplates?.[0]).toMatchObject({ DefaultVersionNumber: 1, LatestVersionNumber: 2 })
  })

  test('what is not there is said so', async () => {
    const { ec2 } = await createService()
    const again = new CreateLaunchTemplateCommand({ LaunchTemplateName: template, LaunchTemplateData: {} })
    await expect(ec2.send(again)).rejects.toMatchObject({
      name: 'InvalidLaunchTemplateName.AlreadyExistsException',
    })
    await expect(
      ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: 'other' })),
    ).rejects.toMatchObject({ name: 'InvalidLaunchTemplateName.NotFoundException' })
    await expect(
      ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: template, Versions: ['9'] })),
    ).rejects.toMatchObject({ name: 'InvalidLaunchTemplateId.VersionNotFound' })
    await expect(
      ec2.send(new DescribeImagesCommand({ ImageIds: ['ami-00000000000000000'] })),
    ).rejects.toThrow("The image id '[ami-00000000000000000]' does not exist")
  })

  test('there is an image of each architecture', async () => {
    const { ec2 } = await createService()
    const { Images } = await ec2.send(new DescribeImagesCommand({}))
    expect(Images?.map((one) => one.Architecture)).toEqual(['x86_64', 'arm64'])
    const arm = await ec2.send(
      new DescribeImagesCommand({ Filters: [{ Name: 'architecture', Values: ['arm64'] }] }),
    )
    expect(arm.Images?.map((one) => one.ImageId)).toEqual([builtInImages[1]?.id])
  })
})
