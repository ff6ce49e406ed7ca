import { waitForAlarms } from './alarms.ts'
import { noteBake, noteShortfall, waitOutBake } from './bake.ts'
import { failFast } from './failure.ts'
import type { Ladder, Rule } from './ladder.ts'
import { tagNewGroup, waitForCover } from './overlap.ts'
import { needs } from './readiness.ts'
import { originals } from './start.ts'
import { count, verb } from './words.ts'

/** As many as were asked for, and what another hand added is left. Nothing of the live group is changed. */
const sizeCanary: Rule = (world) => {
  const { new: group, deployment } = world
  const canaries = needs(world)
  const change = {
    ...(group.max < canaries ? { max: Math.max(canaries, deployment.old.before.max) } : {}),
    ...(group.min < canaries ? { min: canaries } : {}),
    ...(group.desired < canaries ? { desired: canaries } : {}),
  }
  if (Object.keys(change).length === 0) return null
  return {
    kind: 'size',
    group: group.name,
    ...change,
    why: `${count(canaries, 'canary', 'canaries')} of ${deployment.version} ${verb(canaries, 'runs', 'run')} beside the whole of ${world.old.name}.`,
  }
}

const waitForCanary: Rule = (world) => {
  const step = waitForCover(world)
  if (step === null) return null
  return { ...step, why: `A canary says something only once it takes traffic.` }
}

/** After a bake nobody is asked. */
const promoteBaked: Rule = (world) => {
  if (world.deployment.marks.bakeAt === null) return null
  const why = `${world.deployment.version} has baked on ${world.new.name} and is deployed as a whole.`
  return { kind: 'promote', live: originals(world.old), why }
}

const settle: Rule = (world) => ({
  kind: 'settle',
  stage: 'canary',
  why: `${world.deployment.version} serves from ${count(needs(world), 'canary', 'canaries')} of ${world.new.name}; ${world.old.name} serves as before.`,
})

/** Some new instances beside the whole live group, which knows nothing of it. */
export const canaryLadder: Ladder = {
  failFast,
  tagNewGroup,
  sizeCanary,
  noteShortfall,
  waitForCanary,
  noteBake,
  waitOutBake,
  waitForAlarms,
  promoteBaked,
  settle,
}
