import { expect, test } from 'vitest'
import { builtInImages } from '../../src/ec2/model.ts'
import { describeWithBotocore } from './describe.ts'

describeWithBotocore(['ec2'], (aws) => {
  test('instances', async () => {
    const { done, refused } = aws().of('ec2')
    const { clock, createGroup } = aws().service
    const [id = ''] = await createGroup('web-blue', { DesiredCapacity: 2 })
    const instances = { InstanceIds: [id] }
    await done('DescribeInstances')
    await done('DescribeInstanceStatus', { IncludeAllInstances: true })
    await done('CreateTags', { Resources: [id], Tags: [{ Key: 'a', Value: '<&>' }] })
    await clock.advance(60_000)
    expect(await done('DescribeTags', { Filters: [{ Name: 'key', Values: ['a'] }] })).toMatchObject({
      Tags: [{ Value: '<&>' }],
    })
    await done('RebootInstances', instances)
    await done('ModifyInstanceAttribute', { InstanceId: id, DisableApiTermination: { Value: true } })
    expect(await refused('TerminateInstances', instances)).toBe('OperationNotPermitted')
    expect(await refused('TerminateInstances', { ...instances, DryRun: true })).toBe('DryRunOperation')
    await done('ModifyInstanceAttribute', { InstanceId: id, DisableApiTermination: { Value: false } })
    await done('TerminateInstances', instances)
    await done('DescribeInstances', instances)
    await clock.advance(120_000)
    await done('DescribeInstances', instances)
    await done('DescribeInstanceStatus', { ...instances, IncludeAllInstances: true })
    expect(await refused('DescribeInstances', { InstanceIds: ['i-0123456789abcdef0'] })).toBe(
      'InvalidInstanceID.NotFound',
    )
    expect(await refused('TerminateInstances', { InstanceIds: ['web'] })).toBe('InvalidInstanceID.Malformed')
  })

  test('launch templates and images', async () => {
    const { done, refused } = aws().of('ec2')
    const name = { LaunchTemplateName: 'api' }
    const data = {
      ImageId: builtInImages[0]?.id,
      InstanceType: 't3.micro',
      UserData: 'IyEvYmluL3NoCg==',
      SecurityGroupIds: ['sg-1'],
      KeyName: 'ops',
      IamInstanceProfile: { Name: 'web' },
      MetadataOptions: {
        HttpTokens: 'required',
        HttpPutResponseHopLimit: 2,
        InstanceMetadataTags: 'enabled',
      },
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'a', Value: 'b' }] }],
    }
    const TagSpecifications = [{ ResourceType: 'launch-template', Tags: [{ Key: 'a', Value: 'b' }] }]
    await done('CreateLaunchTemplate', { ...name, LaunchTemplateData: data, TagSpecifications })
    const change = { SourceVersion: '1', VersionDescription: 'two' }
    const LaunchTemplateData = { InstanceType: 't3.small' }
    await done('CreateLaunchTemplateVersion', { ...name, ...change, LaunchTemplateData })
    await done('DescribeLaunchTemplates')
    await done('DescribeLaunchTemplateVersions', name)
    await done('DescribeImages')
    await done('DeleteLaunchTemplate', { LaunchTemplateName: 'web' })
    expect(await refused('CreateLaunchTemplate', { ...name, LaunchTemplateData: data })).toBe(
      'InvalidLaunchTemplateName.AlreadyExistsException',
    )
    expect(await refused('DescribeImages', { ImageIds: ['ami-0123456789abcdef0'] })).toBe(
      'InvalidAMIID.NotFound',
    )
  })
})
