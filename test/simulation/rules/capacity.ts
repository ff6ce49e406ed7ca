import { groupNames } from '../scene.ts'
import type { InstanceTruth } from '../truth.ts'
import type { Moment, Rule, Subject } from './rule.ts'

/** For so long one group has to serve alone before what the world took is made up for, and seen to be. Milliseconds. */
const noticeMs = 60_000

/** An instance was healthy and is not, by no doing of a coordinator. */
function lost(
  before: InstanceTruth,
  now: InstanceTruth | undefined,
  harmed: ReadonlyMap<string, number>,
): boolean {
  return (
    harmed.has(before.id) ||
    now?.ec2 === 'stopped' ||
    // Still in service: its own health has gone.
    (now?.lifecycle === 'InService' && !now.healthy)
  )
}

/**
 * Rules 1 and 2: the instances that all load balancers send to and that run an image somebody deployed are never fewer
 * than what was required, unless the world took some away.
 */
export function capacityRule({ plan, scene, interference }: Subject, floor: () => number): Rule {
  const known = new Set([scene.digests.v1, scene.digests.v2, scene.digests.v3])
  const serves = ({ healthy, digest }: InstanceTruth) => healthy && digest !== null && known.has(digest)
  const losses = new Set<string>()
  let wholeSince: number | null = null

  function note({ before, now }: Moment): void {
    for (const instance of before.values())
      if (serves(instance) && !now.get(instance.id)?.healthy)
        if (lost(instance, now.get(instance.id), interference.harmed)) losses.add(instance.id)
  }

  /** Instances that were harmed where they did not serve, and that came back as what they are. */
  function crippled({ now }: Moment): number {
    return [...now.values()].filter(
      ({ id, group, healthy }) =>
        group !== null && !healthy && interference.harmed.has(id) && !losses.has(id),
    ).length
  }

  function look(moment: Moment): string | null {
    note(moment)
    const serving = [...moment.now.values()].filter(serves)
    const count = serving.length
    const whole = Math.min(plan.service.live, interference.wanted)
    const need = Math.ceil((whole * floor()) / 100)
    // Instances of the other group may be about to go: they make up for nothing.
    const carries = groupNames.some((name) => serving.filter(({ group }) => group === name).length >= whole)
    wholeSince = carries ? (wholeSince ?? moment.at) : null
    if (wholeSince !== null && moment.at - wholeSince >= noticeMs) losses.clear()
    const took = losses.size + crippled(moment)
    if (count >= need - took) return null
    return `${count} instances serve, ${need} are required, and the world took ${took}.`
  }

  return { name: '1 and 2, capacity with the expected image', look }
}
