import { recordSchema, type DeploymentRecord } from '@switchover/contract/deployment'
import { reportSchema, type Report } from '@switchover/contract/report'
import type { Group } from '@switchover/local-aws/auto-scaling/group'
import type { InstanceState } from '@switchover/local-aws/ec2/instance'
import { VirtualMachine } from '@switchover/local-aws/instances/virtual/machine'
import { bucket } from '../../packages/coordinator/test/support/account.ts'
import { healthyBehind } from '../../packages/coordinator/test/support/load-balancers.ts'
import { groupNames, type GroupName } from './plan.ts'
import type { Scene } from './scene.ts'

/** One instance as it is, whatever any API would say of it. */
export type InstanceTruth = Readonly<{
  id: string
  group: string | null
  lifecycle: string | null
  ec2: InstanceState
  /** Every load balancer sends new requests to it. */
  healthy: boolean
  /** Of the image its machine runs; null while it runs none. */
  digest: string | null
}>

/** The instances of an account, read from the models. */
export class Truth {
  readonly #scene: Scene
  /** A machine runs one version for its life. */
  readonly #digests = new Map<string, string>()

  constructor(scene: Scene) {
    this.#scene = scene
  }

  instances(): Map<string, InstanceTruth> {
    const { cloud, sources } = this.#scene
    const healthy = new Set(healthyBehind(cloud, sources))
    const all = cloud.ec2.instances().filter(({ state }) => state !== 'terminated')
    const seen = new Map(all.map(({ id, state }) => [id, state]))
    for (const name of groupNames)
      for (const id of cloud.autoScaling.group(name).members.keys())
        if (!seen.has(id)) seen.set(id, cloud.ec2.stateOf(id) ?? 'terminated')
    return new Map([...seen].map(([id, ec2]) => [id, this.#instance(id, ec2, healthy.has(id))]))
  }

  #instance(id: string, ec2: InstanceState, healthy: boolean): InstanceTruth {
    const found = this.#scene.cloud.autoScaling.find(id)
    return {
      id,
      group: found?.group.name ?? null,
      lifecycle: found?.member.lifecycle ?? null,
      ec2,
      healthy,
      digest: healthy ? this.#digest(id) : (this.#digests.get(id) ?? null),
    }
  }

  #digest(id: string): string | null {
    const known = this.#digests.get(id)
    if (known !== undefined) return known
    const digest = statusOf(this.#scene, id)?.images[0]?.digest
    if (digest !== undefined) this.#digests.set(id, digest)
    return digest ?? null
  }
}

/** What the machine's own agent says at its endpoint. */
function statusOf({ cloud }: Scene, id: string): Report | null {
  const machine = cloud.ec2.instance(id)?.machine
  const answer = machine instanceof VirtualMachine ? machine.answer(8_090, '/status') : null
  return answer && reportSchema.parse(JSON.parse(answer.body))
}

const records = new WeakMap<Uint8Array, DeploymentRecord>()

/** The record in the store; null before the first deployment. */
export function recordIn({ cloud }: Scene): DeploymentRecord | null {
  const body = cloud.objects.get(bucket, 'p/web/deployment.json')?.body
  if (body === undefined) return null
  const known = records.get(body)
  if (known) return known
  const record = recordSchema.parse(JSON.parse(Buffer.from(body).toString()))
  records.set(body, record)
  return record
}

/** What rule 3 compares of a group. Nothing in it differs from run to run but ids. */
export type GroupTruth = Readonly<{
  min: number
  max: number
  desired: number
  suspended: readonly string[]
  tags: Readonly<Record<string, string>>
  /** Lifecycle states of its instances, sorted. */
  instances: readonly string[]
  policies: readonly string[]
  schedules: readonly string[]
}>

export type ServiceTruth = Readonly<{
  groups: Readonly<Record<GroupName, GroupTruth>>
  /** Of all alarms: what they call and watch. */
  alarms: readonly string[]
}>

export function serviceIn({ cloud }: Pick<Scene, 'cloud'>): ServiceTruth {
  const groups = groupNames.map((name) => [name, groupTruth(cloud.autoScaling.group(name))] as const)
  const alarms = [...cloud.cloudWatch.alarms.values()].map(({ name, settings }) =>
    // A tracking policy's own alarms bear its group's name and an id.
    `${name.replace(/^TargetTracking-.*-(Alarm\w+)-.*$/, '$1')} ${JSON.stringify(settings)}`.replaceAll(
      /scalingPolicy:[^:]+:/g,
      '',
    ),
  )
  return {
    groups: Object.fromEntries(groups) as ServiceTruth['groups'],
    alarms: alarms.toSorted(),
  }
}

function groupTruth(group: Group): GroupTruth {
  const { min, max, desired, suspended, tags, members, policies, schedules } = group
  return {
    min,
    max,
    desired,
    suspended: [...suspended.keys()].toSorted(),
    tags: Object.fromEntries([...tags].map(([key, { value }]) => [key, value] as const).toSorted(byKey)),
    instances: [...members.values()].map(({ lifecycle }) => lifecycle).toSorted(),
    policies: [...policies.values()]
      .map(({ name, enabled, settings }) => JSON.stringify({ name, enabled, settings }))
      .toSorted(),
    schedules: [...schedules.values()]
      .map(({ name, startAt, endAt, recurrence, sizes }) =>
        JSON.stringify({ name, startAt, endAt, recurrence, sizes }),
      )
      .toSorted(),
  }
}

function byKey([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1
}
