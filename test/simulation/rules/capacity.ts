import { groupNames } from '../plan.ts'
import type { InstanceTruth } from '../truth.ts'
import type { Sent } from '../coordinator.ts'
import type { Moment, Rule, Subject } from './rule.ts'

/** For so long one group has to serve alone before what the world took is made up for, and seen to be. Milliseconds. */
const noticeMs = 60_000

/** Calls that end or let go the instances they name. */
const ending = new Set(['TerminateInstances', 'DetachInstances', 'TerminateInstanceInAutoScalingGroup'])

/** Percent of what is needed that has to serve, and whether anything is needed yet. */
type Demand = Readonly<{ floor: number; established: boolean }>

/**
 * Rules 1 and 2: the instances that all load balancers send to and that run an image somebody deployed are never fewer
 * than what was required, unless the world took some away.
 */
export function capacityRule({ plan, scene, interference }: Subject, demand: () => Demand): Rule {
  const known = new Set([scene.digests.v1, scene.digests.v2, scene.digests.v3])
  const serves = ({ healthy, digest }: InstanceTruth) => healthy && digest !== null && known.has(digest)
  const losses = new Set<string>()
  let wholeSince: number | null = null

  /** An instance was healthy and is not, by no doing of a coordinator. */
  function lost({ id }: InstanceTruth, now: InstanceTruth | undefined, whole: number): boolean {
    if (interference.harmed.has(id) || now?.ec2 === 'stopped') return true
    // Still in service: its own health has gone.
    if (now?.lifecycle === 'InService') return !now.healthy
    const group = now?.group
    // A group that still wants enough replaces, balances its zones or follows a person: coordinators take by wanting less.
    return !!now?.lifecycle?.startsWith('Terminating') && !!group && wantedBy(group) >= whole
  }

  const wantedBy = (group: string) => scene.cloud.autoScaling.group(group).desired

  function note({ before, now }: Moment, whole: number): void {
    for (const instance of before.values())
      if (serves(instance) && !now.get(instance.id)?.healthy)
        if (lost(instance, now.get(instance.id), whole)) losses.add(instance.id)
  }

  /** No call names an instance that serves. */
  function sent({ owner, call, body }: Sent): string | null {
    if (!ending.has(call.operation)) return null
    const named = body.match(/i-[0-9a-f]{17}/g) ?? []
    const serving = named.find((id) => scene.cloud.autoScaling.find(id)?.member.lifecycle === 'InService')
    if (serving === undefined || interference.harmed.has(serving)) return null
    return `${owner} sends ${call.operation} for ${serving}, which is in service.`
  }

  /** Instances that were harmed where they did not serve, and that came back as what they are. */
  function crippled({ now }: Moment): number {
    return [...now.values()].filter(
      ({ id, group, healthy }) =>
        group !== null && !healthy && interference.harmed.has(id) && !losses.has(id),
    ).length
  }

  function look(moment: Moment): string | null {
    const { floor, established } = demand()
    const whole = established ? Math.min(plan.service.live, interference.wanted) : 0
    note(moment, whole)
    const serving = [...moment.now.values()].filter(serves)
    const count = serving.length
    const need = Math.ceil((whole * floor) / 100)
    // Instances of the other group may be about to go: they make up for nothing.
    const carries = groupNames.some((name) => serving.filter(({ group }) => group === name).length >= whole)
    wholeSince = carries ? (wholeSince ?? moment.at) : null
    if (wholeSince !== null && moment.at - wholeSince >= noticeMs) losses.clear()
    const took = losses.size + crippled(moment)
    if (count >= need - took) return null
    return `${count} instances serve, ${need} are required, and the world took ${took}.`
  }

  return { name: '1 and 2, capacity with the expected image', look, sent }
}
