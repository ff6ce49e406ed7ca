import { tagKey } from '@switchover/contract/tags'
import { waitForAlarms } from './alarms.ts'
import { noteBake, noteShortfall, waitOutBake, waitWhileShort } from './bake.ts'
import { endedInstances, terminateDetached, waitTerminated } from './ending.ts'
import { waitOutLaunchHooks } from './deploy.ts'
import { failFast } from './failure.ts'
import { abandonLaunches, completeTerminations } from './hooks.ts'
import { hold } from './hold.ts'
import { freeNewMin, keepNew, settleKept } from './keep.ts'
import type { Ladder, Rule } from './ladder.ts'
import { releaseTogether, tagNewGroup, waitForCover } from './overlap.ts'
import { keptValues, isOurs, restoreBounds, resumeOurs } from './restore.ts'
import { endNewStandby, unprotectNew, waitNewGone, waitNewOut } from './rollback.ts'
import { retag, tagIdle, versionTags } from './tags.ts'
import { count, verb } from './words.ts'
import type { World } from './world.ts'

/** Whether all that was asked for has been seen to serve. */
const served = (world: World) => world.deployment.marks.switchedAt !== null

/** Whether the group was given its own min back: from then on it may scale in, and fewer instances are no fault. */
const free = (world: World) => served(world) && world.new.min < world.deployment.required

/** Before the first instance serves nothing is lost by going back; after it, this is the only fleet there is. */
const failFirst: Rule = (world) => {
  const step = failFast(world)
  if (step?.kind !== 'turn-back' || !served(world)) return step
  const sentence = `${step.failure.sentence} Nothing else serves, so that ${world.new.name} is left as it is.`
  return hold({ ...step.failure, sentence })
}

/** While all is brought up, the release is what was asked for; after it, each on its own. */
const tagFirstGroup: Rule = (world) => (served(world) ? null : tagNewGroup(world))

/** Pinned, for a group without traffic yet would be scaled in by its alarms. */
const sizeFirst: Rule = (world) => {
  const { new: group, deployment } = world
  const { required } = deployment
  if (served(world) || (group.min >= required && group.desired >= required)) return null
  return {
    kind: 'size',
    group: group.name,
    ...(group.min < required ? { min: required } : {}),
    ...(group.desired < required ? { desired: required } : {}),
    why: `${count(required, 'instance')} of ${deployment.version} ${verb(required, 'is', 'are')} brought up in ${group.name}; nothing else serves.`,
  }
}

const waitUntilUp: Rule = (world) => {
  const step = served(world) ? null : waitForCover(world)
  return step && { ...step, why: `${world.deployment.service} has nothing else that serves.` }
}

const noteServing: Rule = (world) =>
  served(world)
    ? null
    : { kind: 'mark-switched', why: `${world.new.name} serves ${world.deployment.version}.` }

const letScaleIn: Rule = (world) => {
  const { min } = world.deployment.new.before
  if (world.new.min === min || !isOurs(world, 'new', 'min')) return null
  return { kind: 'size', group: world.new.name, min, why: `${world.new.name} gets its own min back.` }
}

/** From here on no coordinator is at hand, and agents complete the launch hook of a scale-out themselves. */
const releaseEach: Rule = (world) =>
  world.new.tags[tagKey.release] === 'together'
    ? retag(
        world.new,
        versionTags(world.new),
        { [tagKey.release]: 'each' },
        `Later instances of ${world.new.name} join when each is ready.`,
      )
    : null

const endUp: Rule = (world) => ({
  kind: 'end',
  outcome: 'finished',
  ended: endedInstances(world, 'new'),
  kept: keptValues(world, 'new', ['min', 'max']),
  why: `${world.new.name} serves ${world.deployment.version}; there is nothing to go back to.`,
})

/** The first version of a service whose groups are both empty: one group comes up, and the deployment is closed. */
export const firstLadder: Ladder = {
  failFirst,
  tagFirstGroup,
  sizeFirst,
  releaseTogether,
  noteShortfall: (world) => (free(world) ? null : noteShortfall(world)),
  waitUntilUp,
  noteServing,
  noteBake,
  waitOutBake,
  waitWhileShort: (world) => (free(world) ? null : waitWhileShort(world)),
  waitForAlarms,
  releaseEach,
  waitOutLaunchHooks,
  tagEmptyGroup: (world) => tagIdle(world.old, world.new),
  letScaleIn,
  endUp,
}

const zeroFirst: Rule = (world) => {
  const { min, desired, name } = world.new
  if (min === 0 && desired === 0) return null
  const why = `${name} was empty before ${world.deployment.version} and is again.`
  return { kind: 'size', group: name, min: 0, desired: 0, why }
}

/** Each group gets back the tags it had; nothing is live that they could be made equal to. */
const restoreTags: Rule = (world) => {
  for (const side of ['new', 'old'] as const) {
    const { tags } = world.deployment[side].before
    const others = [tagKey.release, tagKey.deployment].map((key) => [key, tags[key] ?? null] as const)
    const why = `${world[side].name} gets back the tags it had before ${world.deployment.version}.`
    const step = retag(world[side], versionTags({ tags }), Object.fromEntries(others), why)
    if (step !== null) return step
  }
  return null
}

const endEmpty: Rule = (world) => ({
  kind: 'end',
  outcome: world.deployment.failure === null ? 'rolled-back' : 'failed',
  ended: endedInstances(world, 'new'),
  kept: keptValues(world, 'new', ['min', 'max', 'desired']),
  why: `${world.new.name} and ${world.old.name} are as empty as before.`,
})

/** The way back of a first deployment: both groups at 0, as they were. */
export const withdrawLadder: Ladder = {
  freeNewMin,
  keepNew,
  unprotectNew,
  zeroFirst,
  abandonLaunches,
  waitNewOut,
  completeTerminations,
  endNewStandby,
  terminateDetached,
  restoreTags,
  waitNewGone,
  waitTerminated,
  restoreNew: (world) => restoreBounds(world, 'new'),
  resumeNew: (world) => resumeOurs(world, 'new'),
  settleKept,
  endEmpty,
}
