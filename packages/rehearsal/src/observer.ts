import { setTimeout as sleep } from 'node:timers/promises'
import { type AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling'
import { DescribeInstancesCommand, type EC2Client } from '@aws-sdk/client-ec2'
import {
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'

/** What an instance was first seen as, in milliseconds of the observer's clock. States are AWS's own words. */
export type Sighting = {
  at: number
  instance: string
  group: string
  what: 'lifecycle' | 'health' | 'machine'
  state: string
}

export type Observer = {
  /** Every change seen since the observer started, oldest first. */
  sightings(): readonly Sighting[]
  now(): number
  /** @throws what kept it from looking, if anything did. */
  stop(): Promise<void>
}

const gone = 'gone'

/**
 * Watches groups and their target group from outside, as a person with the AWS CLI would, so that the rehearsal's
 * figures do not rest on what the coordinator says of itself. Looks every `everyMs`.
 */
export function startObserver(
  clients: { autoScaling: AutoScalingClient; elb: ElasticLoadBalancingV2Client; ec2: EC2Client },
  watched: { groups: readonly string[]; targetGroupArn: string },
  everyMs = 100,
): Observer {
  const seen: Sighting[] = []
  const last = new Map<string, string>()
  const groupOf = new Map<string, string>()
  const stopped = new AbortController()

  const note = (what: Sighting['what'], instance: string, state: string): void => {
    const key = `${what} ${instance}`
    if (last.get(key) === state) return
    last.set(key, state)
    seen.push({ at: performance.now(), instance, group: groupOf.get(instance) ?? '', what, state })
  }
  const look = async (): Promise<void> => {
    const [groups, health] = await Promise.all([
      clients.autoScaling.send(
        new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [...watched.groups] }),
      ),
      clients.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: watched.targetGroupArn })),
    ])
    const present = new Map<string, string>()
    for (const group of groups.AutoScalingGroups ?? []) {
      for (const instance of group.Instances ?? []) {
        groupOf.set(instance.InstanceId ?? '', group.AutoScalingGroupName ?? '')
        present.set(instance.InstanceId ?? '', instance.LifecycleState ?? '')
      }
    }
    const targets = new Map(
      (health.TargetHealthDescriptions ?? []).map((row) => [
        row.Target?.Id ?? '',
        row.TargetHealth?.State ?? '',
      ]),
    )
    // EC2 forgets what has ended within the hour, and refuses to be asked for it.
    const listed = [...groupOf.keys()].filter((id) => last.get(`machine ${id}`) !== 'terminated')
    const machines = await machineStates(clients.ec2, listed)
    for (const instance of listed) note('machine', instance, machines.get(instance) ?? gone)
    for (const instance of groupOf.keys()) {
      note('lifecycle', instance, present.get(instance) ?? gone)
      note('health', instance, targets.get(instance) ?? 'unused')
    }
  }
  const running = (async () => {
    while (!stopped.signal.aborted) {
      await look()
      await sleep(everyMs, undefined, { signal: stopped.signal }).catch(() => undefined)
    }
  })()
  // Told by stop(), not by ending the process where nobody waits yet.
  running.catch(() => undefined)
  return {
    sightings: () => seen,
    now: () => performance.now(),
    async stop() {
      stopped.abort()
      await running
    },
  }
}

async function machineStates(ec2: EC2Client, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const answer = await ec2.send(new DescribeInstancesCommand({ InstanceIds: ids }))
  const instances = (answer.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? [])
  return new Map(instances.map((instance) => [instance.InstanceId ?? '', instance.State?.Name ?? '']))
}
