import { formatDuration } from '@switchover/contract/duration'
import { bakedAt, bakeMs, watchedUntil } from './bake-time.ts'
import { ids } from './fleet.ts'
import type { Rule } from './ladder.ts'
import { waitForCover } from './overlap.ts'
import { covers, needs, ready } from './readiness.ts'
import { count, verb } from './words.ts'

/** Milliseconds that are left, rounded up so that a long wait does not say something new every second. */
function about(left: number): string {
  const step = left > 60_000 ? 60_000 : 10_000
  return formatDuration(Math.ceil(left / step) * step)
}

/** The bake begins with the last thing done: the canaries healthy, or the old fleet parked and the new one let go. */
export const noteBake: Rule = (world) => {
  const { deployment } = world
  const finishes = deployment.goal === 'deploy' && deployment.flags.finishAfterMs !== null
  if (deployment.marks.bakeAt !== null || (bakeMs(deployment) === 0 && !finishes)) return null
  const why = `${deployment.version} serves from ${world.new.name} and is watched from now on.`
  return { kind: 'mark-bake', why }
}

/** Being short of healthy instances has a time limit of its own. */
export const noteShortfall: Rule = (world) => {
  const { bakeAt, shortAt } = world.deployment.marks
  const short = !covers(world)
  if (bakeAt === null || short === (shortAt !== null)) return null
  const healthy = ready(world).length
  const why = short
    ? `${healthy} of ${count(needs(world), 'instance')} of ${world.new.name} ${verb(healthy, 'is', 'are')} healthy while it is watched.`
    : `${world.new.name} has enough healthy instances again.`
  return { kind: 'mark-short', short, why }
}

export const waitOutBake: Rule = (world) => {
  const until = bakedAt(world.deployment)
  if (until === null || world.now >= until) return null
  return {
    kind: 'wait',
    waitingFor: `the end of the bake, ${about(until - world.now)} to go`,
    instances: ids(ready(world)),
    until,
    why: `${world.deployment.version} is watched before anything more is done.`,
  }
}

export const waitToFinish: Rule = (world) => {
  const until = watchedUntil(world.deployment)
  if (until === null || world.now >= until) return null
  return {
    kind: 'wait',
    waitingFor: `the time to finish, ${about(until - world.now)} to go`,
    instances: ids(ready(world)),
    until,
    why: `The parked fleet of ${world.old.name} is kept until then.`,
  }
}

/** What was watched has to be healthy at the end of it. */
export const waitWhileShort: Rule = (world) =>
  world.deployment.marks.bakeAt === null ? null : waitForCover(world)

/** The same run goes on to the finish where it was told to. */
export const beginFinish: Rule = (world) => {
  const { flags, marks } = world.deployment
  if (flags.finishAfterMs === null || marks.bakeAt === null) return null
  const why = `${world.deployment.version} has served for long enough; the parked fleet of ${world.old.name} goes.`
  return { kind: 'begin-finish', why }
}
