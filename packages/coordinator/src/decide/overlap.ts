import { formatDuration } from '@switchover/contract/duration'
import { tagKey } from '@switchover/contract/tags'
import { ids, inService, longestSlowStart, pending, switchBegun } from './fleet.ts'
import { completeHook } from './hooks.ts'
import type { Rule } from './ladder.ts'
import { covers, everServed, lacks, needs, ready, reportsReady, unready } from './readiness.ts'
import { isOurs } from './restore.ts'
import { closed, oldServes, parkedAll } from './switching.ts'
import { retag, wantedTags } from './tags.ts'
import { count, verb } from './words.ts'
import type { World } from './world.ts'

/** Agents complete launch hooks where no coordinator may be at hand: beside a canary, and once the switch is over. */
const releaseWanted = (world: World) =>
  world.deployment.goal === 'canary' || parkedAll(world) ? 'each' : world.deployment.flags.release

export const tagNewGroup: Rule = (world) => {
  const { deployment } = world
  return retag(
    world.new,
    wantedTags(deployment),
    { [tagKey.release]: releaseWanted(world), [tagKey.deployment]: deployment.id },
    `Instances of ${world.new.name} read version ${deployment.version} from its tags.`,
  )
}

/**
 * Each fleet sees half the traffic during the overlap and would shrink. A scheduled action or a person that takes the hold
 * away finds it asserted again, and gets its own sizes when the overlap is over.
 */
export const holdOldScaleIn: Rule = (world) => {
  const { old } = world
  const { before, written } = world.deployment.old
  const least = Math.max(old.desired, before.desired, ...written.min)
  if (closed(world) || switchBegun(world) || old.min >= least) return null
  const instead = {
    ...(isOurs(world, 'old', 'min') ? {} : { min: old.min }),
    ...(old.max >= least ? {} : { max: old.max }),
  }
  return {
    kind: 'size',
    group: old.name,
    min: least,
    ...(old.max < least ? { max: least } : {}),
    ...(Object.keys(instead).length > 0 ? { instead } : {}),
    why: `${old.name} must not scale in below ${least} while both groups share the traffic; it may scale out.`,
  }
}

export const followScaleOut: Rule = (world) => {
  const served = everServed(world)
  // Once it is closed, a launch that has not begun is made up for here, or the parking would take it back unseen.
  const { old } = world
  const missing = inService(old).length + pending(old).length < old.desired
  const wanted = missing && closed(world) && !switchBegun(world) ? old.desired : 0
  const required = Math.max(served, wanted)
  if (!oldServes(world) || required <= world.deployment.required) return null
  const has = `${world.old.name} has ${count(served, 'instance')} in service now`
  return {
    kind: 'require',
    required,
    why: wanted > served ? `${has} and was asked for ${wanted}.` : `${has}.`,
  }
}

/**
 * As many as required, and never fewer than it has: scale-in might choose a healthy one while another is not ready. Once the
 * old fleet is parked, sizes are the new group's own affair, and those of the policies and schedules that it has by then.
 */
export const sizeNewGroup: Rule = (world) => {
  if (parkedAll(world)) return null
  const { new: group, deployment } = world
  const { required } = deployment
  const desired = Math.max(required, group.desired)
  const max = Math.max(deployment.old.before.max, desired)
  const change = {
    ...(group.max < required || (group.max !== max && isOurs(world, 'new', 'max')) ? { max } : {}),
    ...(group.min < desired ? { min: desired } : {}),
    ...(group.desired < desired ? { desired } : {}),
  }
  if (Object.keys(change).length === 0) return null
  const taken = change.min !== undefined && !isOurs(world, 'new', 'min')
  return {
    kind: 'size',
    group: group.name,
    ...change,
    ...(taken ? { instead: { min: group.min } } : {}),
    why: `${group.name} needs ${count(required, 'instance')} to take over from ${world.old.name}.`,
  }
}

/** Under `together` no new instance is let into the load balancer before enough of them are ready. */
export const releaseTogether: Rule = (world) => {
  const { flags, required } = world.deployment
  if (flags.release !== 'together') return null
  const coming = [...inService(world.new), ...pending(world.new)]
  const reported = coming.filter((instance) => reportsReady(world, instance.id))
  if (reported.length < required) return null
  const waiting = reported.find((instance) => instance.lifecycle === 'Pending:Wait')
  const enough = `${count(reported.length, 'new instance')} ${verb(reported.length, 'is', 'are')} ready`
  const why = (id: string) => `${enough}; ${id} is let into the load balancer.`
  return completeHook(world, 'launching', waiting, 'CONTINUE', why)
}

export const noteCover: Rule = (world) => {
  const { marks } = world.deployment
  const covered = covers(world)
  if (longestSlowStart(world) === 0 || switchBegun(world) || covered === (marks.coveredAt !== null))
    return null
  const why = covered
    ? `${world.new.name} has enough healthy instances; slow start begins.`
    : `${world.new.name} has lost healthy instances; slow start begins anew.`
  return { kind: 'mark-covered', covered, why }
}

export const waitForCover: Rule = (world) => {
  if (covers(world)) return null
  const required = needs(world)
  const missing = unready(world)
  const who = missing.slice(0, 5).map((instance) => `${instance.id}: ${lacks(world, instance)}`)
  const toLaunch = required - ready(world).length - missing.length
  if (missing.length > 5) who.push(`${missing.length - 5} more`)
  if (toLaunch > 0) who.push(`${count(toLaunch, 'instance')} to be launched`)
  return {
    kind: 'wait',
    waitingFor: `${count(required, 'ready instance')} in ${world.new.name}, ${count(ready(world).length, 'is', 'are')} (${who.join('; ')})`,
    instances: ids(missing),
    why: `Traffic moves only once ${count(required, 'instance')} of ${world.new.name} ${verb(required, 'is', 'are')} ready and healthy.`,
  }
}

/** No way past without cover, unless the old fleet is parked already: then the rest of the order only ends the drain. */
export const waitUntilReady: Rule = (world) =>
  oldServes(world) || !switchBegun(world) ? waitForCover(world) : null

export const waitOutSlowStart: Rule = (world) => {
  const { coveredAt } = world.deployment.marks
  if (switchBegun(world) || coveredAt === null) return null
  const left = coveredAt + longestSlowStart(world) - world.now
  if (left <= 0) return null
  return {
    kind: 'wait',
    waitingFor: `slow start of the new instances, ${formatDuration(left)} to go`,
    instances: ids(ready(world)),
    why: 'Until slow start is over the new instances take less than their share.',
  }
}
