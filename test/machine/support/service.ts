import {
  CreateOrUpdateTagsCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling'
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2'
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { parseReport, type Report } from '@switchover/contract/report'
import { instanceOfReportKey, parseStoreUrl, storeKeys } from '@switchover/contract/store'
import { digestTagKey, tagKey } from '@switchover/contract/tags'
import * as account from '@switchover/rehearsal/account'
import { openContainerScene, type ContainerScene } from '@switchover/rehearsal/container-scene'
import { createNarrator } from '@switchover/rehearsal/narrator'
import { digestOf, prepareEmpty, type Stage } from '@switchover/rehearsal/prepare'
import { Instance } from './instance.ts'
import { eventually } from './wait.ts'

export const repository = '123456789012.dkr.ecr.us-east-1.amazonaws.com/web'
export const keys = storeKeys(parseStoreUrl(account.store)?.prefix ?? '', account.service)

/** The sample service `web`, with both groups empty: tests launch what they need. */
export class Service {
  readonly scene: ContainerScene
  readonly stage: Stage & { revision: string }

  private constructor(scene: ContainerScene, stage: Stage & { revision: string }) {
    this.scene = scene
    this.stage = stage
  }

  static async open(packages: readonly string[] = []): Promise<Service> {
    const narrator = createNarrator(
      (line) => process.stderr.write(`${line}\n`),
      () => performance.now(),
    )
    const { signal } = new AbortController()
    const scene = await openContainerScene({ say: narrator.say, install: false, signal, packages })
    try {
      return new Service(scene, await prepareEmpty(scene, narrator, { instances: 2, signal }))
    } catch (error) {
      await scene.close()
      throw error
    }
  }

  close(): Promise<void> {
    return this.scene.close()
  }

  digestOf(version: string): Promise<string> {
    return digestOf(this.scene, version)
  }

  async tag(group: string, tags: Readonly<Record<string, string>>): Promise<void> {
    const rows = Object.entries(tags).map(([Key, Value]) => ({
      ResourceId: group,
      ResourceType: 'auto-scaling-group',
      Key,
      Value,
      PropagateAtLaunch: false,
    }))
    await this.stage.clients.autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: rows }))
  }

  /** What `group` launches from now on runs a version of the sample service. */
  async tagVersion(group: string, version: string): Promise<void> {
    await this.tag(group, {
      [tagKey.version]: version,
      [digestTagKey('')]: await this.digestOf(version),
      [tagKey.bundle]: this.stage.revision,
    })
  }

  async suspend(group: string, ...processes: string[]): Promise<void> {
    await this.stage.clients.autoScaling.send(
      new SuspendProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses: processes }),
    )
  }

  async resume(group: string, ...processes: string[]): Promise<void> {
    await this.stage.clients.autoScaling.send(
      new ResumeProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses: processes }),
    )
  }

  /** A machine that boots into the group's warm pool. */
  async launchWarm(group: string): Promise<Instance> {
    const id = this.scene.cloud.autoScaling.launchWarm(group) ?? ''
    return eventually(`${group} warms an instance`, async () => {
      const { PrivateIpAddress: ip } = await this.ec2(id)
      return ip === undefined ? null : new Instance(this.scene, id, ip)
    })
  }

  /** Sets the group's desired capacity to one, and returns the machine it launches. */
  async launch(group: string): Promise<Instance> {
    await this.stage.clients.autoScaling.send(
      new SetDesiredCapacityCommand({ AutoScalingGroupName: group, DesiredCapacity: 1 }),
    )
    return this.launched(group, [])
  }

  /** An instance of the group that is none of `known`. */
  launched(group: string, known: readonly string[]): Promise<Instance> {
    return eventually(`${group} launches an instance`, async () => {
      const { instances } = await account.groupState(this.stage.clients, group)
      const id = Object.keys(instances).find((candidate) => !known.includes(candidate))
      if (id === undefined) return null
      const { PrivateIpAddress: ip } = await this.ec2(id)
      return ip === undefined ? null : new Instance(this.scene, id, ip)
    })
  }

  async ec2(instanceId: string) {
    const { Reservations = [] } = await this.stage.clients.ec2.send(
      new DescribeInstancesCommand({ InstanceIds: [instanceId] }),
    )
    return Reservations[0]?.Instances?.[0] ?? {}
  }

  /** `LifecycleState` in the group, null where it is no member. */
  async lifecycle(group: string, instanceId: string): Promise<string | null> {
    const { instances } = await account.groupState(this.stage.clients, group)
    return instances[instanceId] ?? null
  }

  async untilServing(group: string, instance: Instance): Promise<void> {
    const { clients, targetGroupArn } = this.stage
    await instance.untilReady()
    await eventually(`${instance.id} serves`, async () => {
      const healthy = await account.healthyTargets(clients, targetGroupArn)
      return healthy.includes(instance.id) && (await this.lifecycle(group, instance.id)) === 'InService'
    })
  }

  /** What the instance has last written to the store, null while it has written nothing. */
  async report(instanceId: string): Promise<Report | null> {
    const { s3 } = this.stage.clients
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: account.bucket, Prefix: keys.reportsPrefix }),
    )
    const key = Contents.map((object) => object.Key ?? '').find(
      (candidate) => instanceOfReportKey(candidate) === instanceId,
    )
    if (key === undefined) return null
    const object = await s3.send(new GetObjectCommand({ Bucket: account.bucket, Key: key }))
    const read = parseReport((await object.Body?.transformToString()) ?? '')
    if (!read.ok) throw new Error(read.problem)
    return read.report
  }
}
