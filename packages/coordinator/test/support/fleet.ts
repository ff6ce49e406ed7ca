import { DescribeAutoScalingGroupsCommand, type AutoScalingGroup } from '@aws-sdk/client-auto-scaling'
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2'
import type { Report } from '@switchover/contract/report'
import { storeKeys } from '@switchover/contract/store'
import { tagKey } from '@switchover/contract/tags'
import type { Cloud } from '@switchover/local-aws/cloud'
import type { MachineKind } from '@switchover/local-aws/instances/kind'
import { bucket, createAccount, type Account } from './account.ts'
import { createGroup, createTemplate } from './groups.ts'
import { createSources, healthyBehind, type SourceKind, type Sources } from './load-balancers.ts'

const prefix = 'p'
const timing = { bootMs: 5_000, appMs: 10_000 }

/**
 * How the instances of a version behave. broken: the agent gives up · silent: never healthy, without a word · crashing:
 * powers itself off where it would be up.
 */
export type Behaviour = 'good' | 'broken' | 'silent' | 'crashing'

export type Service = Account & {
  /** Of its first target group; '' where it has none. */
  targetGroupArn: string
  behaviours: Map<string, Behaviour>
  group(name: string): Promise<AutoScalingGroup>
  /** Instances that every load balancer sends new requests to. */
  healthy(): Promise<string[]>
  /** Ids EC2 knows to be neither terminated nor on the way there. */
  running(): Promise<string[]>
}

/** What a service stands behind, and whether its instances have our agent. */
type Surroundings = Readonly<{ sources?: readonly SourceKind[]; agents?: boolean }>

/**
 * A service `web` on v1: two instances in `web-blue`, `web-green` idle.
 * @param live instances in `web-blue`; with 0 both groups are empty
 */
export async function createService(
  live = 2,
  { sources: kinds = ['alb'], agents = true }: Surroundings = {},
): Promise<Service> {
  const behaviours = new Map<string, Behaviour>()
  const account = await createAccount({ machines: (cloud) => machines(cloud, behaviours, agents) })
  const sources = await createSources(account.clients, kinds)
  const template = await createTemplate(account.clients)
  for (const [name, desired] of [
    ['web-blue', live],
    ['web-green', 0],
  ] as const)
    await createGroup(account.clients, name, {
      template,
      MinSize: desired,
      MaxSize: Math.max(4, live),
      DesiredCapacity: desired,
      ...sources,
      tags: { [tagKey.store]: `s3://${bucket}/${prefix}`, [tagKey.version]: 'v1' },
    })
  const service: Service = {
    ...account,
    targetGroupArn: sources.TargetGroupARNs[0] ?? '',
    behaviours,
    ...views(account, sources),
  }
  // One account, whichever of the two objects an intercept is set on.
  Object.defineProperty(service, 'intercept', {
    get: () => account.intercept,
    set: (intercept: Account['intercept']) => {
      account.intercept = intercept
    },
  })
  await account.time.advance(120_000)
  for (let tries = 0; (await service.healthy()).length < live; tries++) {
    if (tries > 20) throw new Error('The service did not come up.')
    await account.time.advance(30_000)
  }
  return service
}

function views(account: Account, sources: Sources) {
  const { clients } = account
  return {
    async group(name: string) {
      const { AutoScalingGroups = [] } = await clients.autoScaling.send(
        new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
      )
      const [group] = AutoScalingGroups
      if (!group) throw new Error(`No group ${name}.`)
      return group
    },
    healthy: async () => healthyBehind(account.cloud, sources).toSorted(),
    async running() {
      const { Reservations = [] } = await clients.ec2.send(new DescribeInstancesCommand({}))
      return Reservations.flatMap(({ Instances = [] }) => Instances)
        .filter(({ State }) => State?.Name === 'running' || State?.Name === 'pending')
        .flatMap(({ InstanceId }) => InstanceId ?? [])
        .toSorted()
    },
  }
}

/** Machines that boot, run what their group's tags say, and report it where they have an agent. */
function machines(cloud: Cloud, behaviours: ReadonlyMap<string, Behaviour>, agents: boolean): MachineKind {
  const up = new Set<string>()
  let count = 0
  return {
    name: 'virtual',
    nextIp: () => `10.0.${count >> 8}.${count++ & 255}`,
    probe: async ({ ip }) =>
      up.has(ip) ? { ok: true } : { ok: false, reason: 'Target.Timeout', description: 'Request timed out' },
    start({ instanceId, ip }, events) {
      let alive = true
      cloud.clock.after(timing.bootMs, () => {
        if (alive) events.running()
      })
      cloud.clock.after(timing.bootMs + timing.appMs, () => {
        if (!alive) return
        const group = [...cloud.autoScaling.groups.values()].find(({ members }) => members.has(instanceId))
        const version = group?.tags.get(tagKey.version)?.value ?? null
        const behaviour = behaviours.get(version ?? '') ?? 'good'
        if (behaviour === 'silent') return
        if (behaviour === 'crashing') {
          alive = false
          events.stopped()
          return
        }
        const broken = behaviour === 'broken'
        if (agents) report(cloud, instanceId, { group: group?.name ?? null, version, broken })
        if (!broken) up.add(ip)
      })
      return {
        async terminate() {
          alive = false
          up.delete(ip)
        },
        async reboot() {},
      }
    },
    async close() {},
  }
}

type Found = { group: string | null; version: string | null; broken: boolean }

function report(cloud: Cloud, instanceId: string, { group, version, broken }: Found): void {
  const now = new Date(cloud.clock.now()).toISOString()
  const body: Report = {
    instanceId,
    group,
    service: 'web',
    deployment: null,
    phase: broken ? 'failed' : 'ready',
    since: now,
    writtenAt: now,
    version,
    bundle: null,
    images: [],
    reason: broken ? { code: 'app-unhealthy', sentence: 'The app never answered.', kind: 'terminal' } : null,
    logs: broken ? [{ service: 'web', lines: ['panic: no database'] }] : [],
    timings: {},
    agent: '0',
  }
  const key = storeKeys(prefix, 'web').report(`AROAEXAMPLE:${instanceId}`)
  cloud.objects.put(bucket, key, Buffer.from(JSON.stringify(body)))
}
