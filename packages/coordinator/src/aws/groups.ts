import { DescribeLifecycleHooksCommand, type AutoScalingGroup } from '@aws-sdk/client-auto-scaling'
import { tagKey } from '@switchover/contract/tags'
import { parseStoreUrl, type StoreLocation } from '@switchover/contract/store'
import type { Group } from '../decide/world.ts'
import { Refusal } from '../events.ts'
import type { AwsClients } from './clients.ts'
import { describeGroups } from './describe-groups.ts'
import { noSuchService } from './services.ts'

/** A group as AWS describes it and as decisions see it. */
export type AwsGroup = Readonly<{ raw: AutoScalingGroup; group: Group }>

/** The two groups of a service, in the order of their names, and the store their tags name. */
export type Pair = Readonly<{
  service: string
  groups: readonly [AwsGroup, AwsGroup]
  store: StoreLocation
}>

export type Hooks = Group['hooks']
export const noHooks: Hooks = { launching: [], terminating: [] }

/** Every group with the service's tag, however many, in the order of their names. Hooks are not read here. */
export async function findGroups(clients: AwsClients, service: string): Promise<AwsGroup[]> {
  const found = await describeGroups(clients.autoScaling, {
    Filters: [{ Name: `tag:${tagKey.service}`, Values: [service] }],
  })
  return found.map(toGroup).toSorted(byName)
}

/**
 * The pair of a service, found by its tag alone. Hooks are not read here.
 * @throws {Refusal} (2) where there are not exactly two such groups, or no store they agree on.
 */
export async function findPair(clients: AwsClients, service: string): Promise<Pair> {
  const groups = await findGroups(clients, service)
  if (groups.length === 0) throw await noSuchService(clients.autoScaling, service)
  const [first, second, ...others] = groups
  if (!first || !second || others.length > 0) throw new Refusal(2, 'refused', notAPair(service, groups))
  return { service, groups: [first, second], store: storeOf([first, second]) }
}

/**
 * Groups by name in one call, in the order asked for, so that both are seen at the same moment. Hooks are not read here.
 * @throws {Refusal} (4) where one is gone: nothing here creates or deletes groups.
 */
export async function readGroups(
  clients: AwsClients,
  names: readonly [string, string],
): Promise<[AwsGroup, AwsGroup]> {
  const found = await describeGroups(clients.autoScaling, { AutoScalingGroupNames: [...names] })
  const pick = (name: string): AwsGroup => {
    const raw = found.find((group) => group.AutoScalingGroupName === name)
    if (!raw) throw new Refusal(4, 'held', `The Auto Scaling group ${name} does not exist any more.`)
    return toGroup(raw)
  }
  return [pick(names[0]), pick(names[1])]
}

/** Names of a group's lifecycle hooks by transition. */
export async function readHooks(clients: AwsClients, group: string): Promise<Hooks> {
  const { LifecycleHooks = [] } = await clients.autoScaling.send(
    new DescribeLifecycleHooksCommand({ AutoScalingGroupName: group }),
  )
  const named = (transition: string) =>
    LifecycleHooks.filter((hook) => hook.LifecycleTransition === transition).flatMap(
      (hook) => hook.LifecycleHookName ?? [],
    )
  return {
    launching: named('autoscaling:EC2_INSTANCE_LAUNCHING'),
    terminating: named('autoscaling:EC2_INSTANCE_TERMINATING'),
  }
}

function toGroup(raw: AutoScalingGroup): AwsGroup {
  const tags = (raw.Tags ?? []).flatMap(({ Key, Value }): [string, string][] =>
    Key === undefined ? [] : [[Key, Value ?? '']],
  )
  const instances = (raw.Instances ?? []).flatMap((instance) =>
    instance.InstanceId === undefined
      ? []
      : [
          {
            id: instance.InstanceId,
            lifecycle: instance.LifecycleState ?? 'unknown',
            // Upper case in one Describe call, capitalised in the other.
            healthy: instance.HealthStatus?.toLowerCase() === 'healthy',
            protected: instance.ProtectedFromScaleIn ?? false,
            ...(instance.AvailabilityZone === undefined ? {} : { zone: instance.AvailabilityZone }),
          },
        ],
  )
  const group: Group = {
    name: raw.AutoScalingGroupName ?? '',
    min: raw.MinSize ?? 0,
    max: raw.MaxSize ?? 0,
    desired: raw.DesiredCapacity ?? 0,
    suspended: (raw.SuspendedProcesses ?? []).flatMap((process) => process.ProcessName ?? []),
    tags: Object.fromEntries(tags),
    instances,
    hooks: noHooks,
  }
  return { raw, group }
}

function byName(a: AwsGroup, b: AwsGroup): number {
  return a.group.name < b.group.name ? -1 : 1
}

function notAPair(service: string, groups: readonly AwsGroup[]): string {
  const names = groups.map(({ group }) => group.name).join(', ')
  return groups.length === 1
    ? `Only one Auto Scaling group has the tag ${tagKey.service}=${service} (${names}); a service has exactly two.`
    : `${groups.length} Auto Scaling groups have the tag ${tagKey.service}=${service} (${names}); a service has exactly two.`
}

function storeOf(groups: readonly [AwsGroup, AwsGroup]): StoreLocation {
  const urls = groups.map(({ group }) => group.tags[tagKey.store])
  const missing = groups.filter((_, index) => !urls[index]).map(({ group }) => group.name)
  if (missing.length > 0) {
    throw new Refusal(
      2,
      'refused',
      `No tag ${tagKey.store} on ${missing.join(' and ')}: give both groups of a service the same store, written s3://BUCKET/PREFIX.`,
    )
  }
  const [first = '', second = ''] = urls
  const store = parseStoreUrl(first)
  if (first !== second || !store) {
    throw new Refusal(
      2,
      'refused',
      `The tags ${tagKey.store} must be the same on both groups and written s3://BUCKET/PREFIX; they say ${first} and ${second}.`,
    )
  }
  return store
}
