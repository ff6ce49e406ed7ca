import {
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  EnterStandbyCommand,
  SetDesiredCapacityCommand,
  type Activity,
  type AutoScalingGroup,
  type CreateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling'
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  type RequestLaunchTemplateData,
} from '@aws-sdk/client-ec2'
import type { Cloud } from '../../../src/cloud.ts'
import { CleanUp } from './clean-up.ts'
import { uniqueName } from './names.ts'
import type { Place } from './place.ts'

/** What a call was refused with. */
export type Refused = { code: string; status: number | undefined; message: string }

/** One row's stage: its own names, groups and clean-up in a place. */
export class Scene {
  readonly place: Place
  readonly cleanUp = new CleanUp()
  #template: Promise<string> | null = null

  constructor(place: Place) {
    this.place = place
  }

  /** The models themselves, for rows that are marked `local`. */
  get cloud(): Cloud {
    if (this.place.cloud) return this.place.cloud
    throw new Error('Only rows that are marked local may reach into the models.')
  }

  /** A name nobody else has. */
  name(): string {
    return uniqueName(this.place.prefix)
  }

  /** Looks again and again. @throws {Error} naming `what` where it has not come within `limitS`. */
  async until(what: string, check: () => Promise<boolean> | boolean, limitS: number): Promise<void> {
    const end = this.place.now() + limitS * 1_000
    while (!(await check())) {
      if (this.place.now() >= end) throw new Error(`${what}: not within ${limitS} seconds.`)
      await this.place.advance(this.place.lookS)
    }
  }

  /** What the call is refused with. @throws {Error} where it is not refused. */
  async refusal(call: Promise<unknown>): Promise<Refused> {
    try {
      await call
    } catch (error) {
      const { name, Code, message, $metadata } = error as Error & {
        Code?: string
        $metadata?: { httpStatusCode?: number }
      }
      return { code: Code ?? name, status: $metadata?.httpStatusCode, message }
    }
    throw new Error('The call was not refused.')
  }

  /** Code and message of what the call is refused with; each of `named` stands for a name of the scene's own. */
  async words(call: Promise<unknown>, named: Readonly<Record<string, string>> = {}): Promise<string> {
    const { code, message } = await this.refusal(call)
    return Object.entries(named).reduce((text, [to, name]) => text.replaceAll(name, to), `${code} ${message}`)
  }

  /** A launch template of the smallest machine, tagged; one a scene. */
  template(): Promise<string> {
    this.#template ??= this.#createTemplate()
    return this.#template
  }

  /** Adds a version to the scene's launch template, which groups made from then on launch. */
  async refineTemplate(LaunchTemplateData: RequestLaunchTemplateData): Promise<void> {
    const LaunchTemplateName = await this.template()
    const version = { LaunchTemplateName, SourceVersion: '1', LaunchTemplateData }
    await this.place.ec2.send(new CreateLaunchTemplateVersionCommand(version))
  }

  async #createTemplate(): Promise<string> {
    const LaunchTemplateName = this.name()
    this.cleanUp.template(this.place, LaunchTemplateName)
    const Tags = [{ Key: 'conformance', Value: this.place.prefix }]
    await this.place.ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName,
        LaunchTemplateData: {
          ...this.place.machine,
          TagSpecifications: [{ ResourceType: 'instance', Tags }],
        },
        TagSpecifications: [{ ResourceType: 'launch-template', Tags }],
      }),
    )
    return LaunchTemplateName
  }

  /** A group, and the instances it serves with once desired is reached. Sizes 0 to 4 unless said otherwise. */
  async group(
    settings: Partial<CreateAutoScalingGroupCommandInput> = {},
  ): Promise<{ name: string; of: { AutoScalingGroupName: string }; ids: string[] }> {
    const name = settings.AutoScalingGroupName ?? this.name()
    const of = { AutoScalingGroupName: name }
    const tag = { ResourceId: name, ResourceType: 'auto-scaling-group', PropagateAtLaunch: true }
    const input = {
      MinSize: 0,
      MaxSize: 4,
      LaunchTemplate: { LaunchTemplateName: await this.template(), Version: '$Latest' },
      ...this.place.zones,
      ...settings,
      Tags: [{ ...tag, Key: 'conformance', Value: this.place.prefix }, ...(settings.Tags ?? [])],
    }
    this.cleanUp.group(this.place, name)
    await this.place.autoScaling.send(new CreateAutoScalingGroupCommand({ ...of, ...input }))
    const desired = input.DesiredCapacity ?? input.MinSize
    return { name, of, ids: await this.count(name, Number(desired), 'InService') }
  }

  /** A group at 0, whose `count` instances are in Standby. */
  async parked(count: number, settings: Partial<CreateAutoScalingGroupCommandInput> = {}) {
    const made = await this.group({ DesiredCapacity: count, ...settings })
    await this.park(made.name, made.ids)
    return made
  }

  /** Has instances enter Standby, and waits until they are there. */
  async park(name: string, ids: string[], decrement = true): Promise<void> {
    await this.enterStandby(name, ids, decrement)
    await this.reach(name, ids, 'Standby')
  }

  enterStandby(AutoScalingGroupName: string, InstanceIds: string[], ShouldDecrementDesiredCapacity = true) {
    const move = { AutoScalingGroupName, InstanceIds, ShouldDecrementDesiredCapacity }
    return this.place.autoScaling.send(new EnterStandbyCommand(move))
  }

  async desire(AutoScalingGroupName: string, DesiredCapacity: number): Promise<void> {
    const wanted = { AutoScalingGroupName, DesiredCapacity }
    await this.place.autoScaling.send(new SetDesiredCapacityCommand(wanted))
  }

  /** Has an empty group launch `count` instances, and waits until they are in `state`. Returns their ids. */
  async launch(name: string, count: number, state = 'InService'): Promise<string[]> {
    await this.desire(name, count)
    return await this.count(name, count, state)
  }

  /** Waits until so many instances are in `state`. Returns their ids. */
  async count(name: string, count: number, state: string, limitS = 600): Promise<string[]> {
    let ids: string[] = []
    const there = async () => {
      ids = await this.idsIn(name, state)
      return ids.length === count
    }
    await this.until(`${count} instances in ${state}`, there, limitS)
    return ids
  }

  /** Has everything that serves in one of two zones enter Standby. */
  async emptyZone(name: string): Promise<void> {
    const { Instances } = await this.find(name)
    const zone = Instances?.[0]?.AvailabilityZone
    const there = (Instances ?? []).filter((one) => one.AvailabilityZone === zone)
    await this.enterStandby(
      name,
      there.map((one) => one.InstanceId ?? ''),
    )
  }

  /** Zone by zone, of the instances in `state`. */
  async zonesIn(name: string, state: string): Promise<string[]> {
    const { Instances } = await this.find(name)
    const there = (Instances ?? []).filter((one) => one.LifecycleState === state)
    return there.map((one) => one.AvailabilityZone ?? '').toSorted()
  }

  async find(AutoScalingGroupName: string): Promise<AutoScalingGroup> {
    const asked = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] })
    const [found] = (await this.place.autoScaling.send(asked)).AutoScalingGroups ?? []
    if (!found) throw new Error(`There is no group ${AutoScalingGroupName}.`)
    for (const { InstanceId } of found.Instances ?? []) if (InstanceId) this.cleanUp.instances.add(InstanceId)
    return found
  }

  /** Lifecycle state by instance id. */
  async states(name: string): Promise<Map<string, string>> {
    const instances = (await this.find(name)).Instances ?? []
    return new Map(instances.map((one) => [one.InstanceId ?? '', one.LifecycleState ?? '']))
  }

  async idsIn(name: string, state: string): Promise<string[]> {
    return [...(await this.states(name))].filter(([, one]) => one === state).map(([id]) => id)
  }

  /** Waits until every one of `ids` is in `state`. */
  async reach(name: string, ids: readonly string[], state: string, limitS = 600): Promise<void> {
    const there = async () => {
      const states = await this.states(name)
      return ids.every((id) => states.get(id) === state)
    }
    await this.until(`${ids.join(', ')} in ${state}`, there, limitS)
  }

  /** Min, max and desired. */
  async sizes(name: string): Promise<(number | undefined)[]> {
    const { MinSize, MaxSize, DesiredCapacity } = await this.find(name)
    return [MinSize, MaxSize, DesiredCapacity]
  }

  async activities(AutoScalingGroupName: string): Promise<Activity[]> {
    const asked = new DescribeScalingActivitiesCommand({ AutoScalingGroupName })
    return (await this.place.autoScaling.send(asked)).Activities ?? []
  }
}
