import { flag, rows, structure, text, texts } from '../../input.ts'
import { AwsError, type Input, type Output } from '../../wire/operation.ts'
import type { Template, TemplateData, TemplateVersion } from '../launch-templates.ts'

type Profile = NonNullable<TemplateData['IamInstanceProfile']>

/** The template data of a request. User-data must be Base64 (EC2 API, RequestLaunchTemplateData). */
export function readTemplateData(input: Input): TemplateData {
  const data = structure(input, 'LaunchTemplateData')
  const profile = structure(data, 'IamInstanceProfile')
  const metadata = structure(data, 'MetadataOptions')
  const userData = text(data, 'UserData')
  if (userData !== undefined && !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(userData))
    throw new AwsError('InvalidUserData.Malformed', 'Invalid BASE64 encoding of user data.')
  return given<TemplateData>({
    ImageId: text(data, 'ImageId'),
    InstanceType: text(data, 'InstanceType'),
    UserData: userData,
    KeyName: text(data, 'KeyName'),
    DisableApiTermination: flag(data, 'DisableApiTermination'),
    SecurityGroupIds: orNone(texts(data, 'SecurityGroupId')),
    IamInstanceProfile: orNone(given<Profile>({ Name: text(profile, 'Name'), Arn: text(profile, 'Arn') })),
    MetadataOptions: orNone(
      given<Record<string, string>>(
        Object.fromEntries(Object.keys(metadata).map((key) => [key, text(metadata, key)])),
      ),
    ),
    TagSpecifications: orNone(readTagSpecifications(data, 'TagSpecification')),
  })
}

export function readTagSpecifications(
  input: Input,
  name: string,
): { ResourceType: string; Tags: { Key: string; Value: string }[] }[] {
  return rows(input, name).map((row) => ({
    ResourceType: text(row, 'ResourceType') ?? '',
    Tags: readTags(row),
  }))
}

export function readTags(input: Input): { Key: string; Value: string }[] {
  return rows(input, 'Tag').map((tag) => ({ Key: text(tag, 'Key') ?? '', Value: text(tag, 'Value') ?? '' }))
}

/** The fields that were sent: only they replace those of a source version. */
function given<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
}

function orNone<T extends object>(value: T): T | undefined {
  return Object.keys(value).length > 0 ? value : undefined
}

export function templateOutput(template: Template): Output {
  return {
    launchTemplateId: template.id,
    launchTemplateName: template.name,
    createTime: new Date(template.createdAt),
    defaultVersionNumber: template.defaultVersion,
    latestVersionNumber: template.versions.length,
    tagSet: template.tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
  }
}

export function versionOutput(template: Template, version: TemplateVersion): Output {
  const { data } = version
  return {
    launchTemplateId: template.id,
    launchTemplateName: template.name,
    versionNumber: version.number,
    versionDescription: version.description ?? undefined,
    createTime: new Date(version.createdAt),
    defaultVersion: version.number === template.defaultVersion,
    launchTemplateData: {
      imageId: data.ImageId,
      instanceType: data.InstanceType,
      userData: data.UserData,
      keyName: data.KeyName,
      disableApiTermination: data.DisableApiTermination,
      securityGroupIdSet: data.SecurityGroupIds,
      iamInstanceProfile: data.IamInstanceProfile && {
        name: data.IamInstanceProfile.Name,
        arn: data.IamInstanceProfile.Arn,
      },
      metadataOptions:
        data.MetadataOptions &&
        Object.fromEntries(
          Object.entries(data.MetadataOptions).map(([key, value]) => [
            key.charAt(0).toLowerCase() + key.slice(1),
            value,
          ]),
        ),
      tagSpecificationSet: data.TagSpecifications?.map(({ ResourceType, Tags }) => ({
        resourceType: ResourceType,
        tagSet: Tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
      })),
    },
  }
}
