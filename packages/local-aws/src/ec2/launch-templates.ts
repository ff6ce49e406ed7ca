import { AwsError } from '../wire/operation.ts'
import { hex } from '../ids.ts'

/** The parts of a launch template that are used here. Names as in the EC2 API. */
export type TemplateData = Readonly<{
  ImageId?: string
  InstanceType?: string
  /** Base64. */
  UserData?: string
  KeyName?: string
  DisableApiTermination?: boolean
  SecurityGroupIds?: readonly string[]
  IamInstanceProfile?: Readonly<{ Name?: string; Arn?: string }>
  MetadataOptions?: Readonly<Record<string, string>>
  TagSpecifications?: readonly Readonly<{
    ResourceType: string
    Tags: readonly Readonly<{ Key: string; Value: string }>[]
  }>[]
}>

export type TemplateVersion = Readonly<{
  number: number
  description: string | null
  createdAt: number
  data: TemplateData
}>

export type Template = {
  readonly id: string
  readonly name: string
  readonly createdAt: number
  readonly tags: readonly Readonly<{ Key: string; Value: string }>[]
  defaultVersion: number
  readonly versions: TemplateVersion[]
}

/** Named by id or name, as launch template specifications do. */
export type TemplateName = Readonly<{ id?: string | undefined; name?: string | undefined }>

export class LaunchTemplates {
  readonly #random: () => number
  readonly #now: () => number
  readonly #all = new Map<string, Template>()

  constructor(random: () => number, now: () => number) {
    this.#random = random
    this.#now = now
  }

  all(): Template[] {
    return [...this.#all.values()]
  }

  create(name: string, data: TemplateData, description: string | null, tags: Template['tags']): Template {
    if (this.all().some((template) => template.name === name))
      throw new AwsError(
        'InvalidLaunchTemplateName.AlreadyExistsException',
        'Launch template name already in use.',
      )
    const template: Template = {
      id: `lt-${hex(this.#random, 17)}`,
      name,
      createdAt: this.#now(),
      tags,
      defaultVersion: 1,
      versions: [{ number: 1, description, createdAt: this.#now(), data }],
    }
    this.#all.set(template.id, template)
    return template
  }

  addVersion(template: Template, data: TemplateData, description: string | null): TemplateVersion {
    const number = template.versions.length + 1
    const version = { number, description, createdAt: this.#now(), data }
    template.versions.push(version)
    return version
  }

  delete(template: Template): void {
    this.#all.delete(template.id)
  }

  /** @throws {AwsError} when there is no such template. */
  find({ id, name }: TemplateName): Template {
    const found = this.all().find((template) => (id ? template.id === id : template.name === name))
    if (found) return found
    if (id)
      throw new AwsError(
        'InvalidLaunchTemplateId.NotFound',
        `The specified launch template, with template ID ${id}, does not exist.`,
      )
    throw new AwsError(
      'InvalidLaunchTemplateName.NotFoundException',
      `The specified launch template, with template name ${name ?? ''}, does not exist.`,
    )
  }

  /** @param version a number, `$Latest`, `$Default`, or nothing, which means `$Default`. */
  version(template: Template, version?: string): TemplateVersion {
    const wanted =
      version === '$Latest'
        ? template.versions.length
        : version === undefined || version === '' || version === '$Default'
          ? template.defaultVersion
          : Number(version)
    const found = template.versions.find((one) => one.number === wanted)
    if (!found)
      throw new AwsError(
        'InvalidLaunchTemplateId.VersionNotFound',
        `Could not find the specified version ${version ?? ''} for the launch template with ID ${template.id}.`,
      )
    return found
  }
}
