import { goesForward } from '@switchover/contract/deployment'
import { formatDuration } from '@switchover/contract/duration'
import type { Reason } from '@switchover/contract/report'
import { alarmRings } from './alarms.ts'
import {
  entering,
  gaveUp,
  ids,
  inService,
  isDead,
  pending,
  returnable,
  serving,
  switchBegun,
} from './fleet.ts'
import { hold, terminal } from './hold.ts'
import { judgedFrom, limitedFrom } from './limits.ts'
import { covers, lacks, needs, present, unready } from './readiness.ts'
import type { Step } from './step.ts'
import { letGo, oldServes } from './switching.ts'
import { count, list, verb } from './words.ts'
import type { World } from './world.ts'

type FailureRule = (world: World) => Reason | null

/** An agent that gives up abandons its launch, so that its instance may be gone before its report is read. */
const terminalReport: FailureRule = (world) => {
  const gone = replacedLately(world).map(({ instance }) => instance)
  for (const id of [...ids(world.new.instances), ...gone]) {
    const report = world.reports.get(id)
    if (report === undefined || !gaveUp(report)) continue
    const { code, sentence } = report.reason ?? { code: 'agent-failed', sentence: 'The agent gave up.' }
    return terminal(code, `${id} in ${world.new.name}: ${sentence}`)
  }
  return null
}

/** Fewer instances present than asked for: a launch is missing. */
const short = (world: World) => present(world) < world.new.desired

const replacedLately = (world: World) =>
  world.replacements.filter((one) => one.at >= judgedFrom(world.deployment))

const recent = (world: World) =>
  world.launchFailures.filter((failure) => failure.at >= judgedFrom(world.deployment))

const launchRefused: FailureRule = (world) => {
  const refused = recent(world).find((failure) => failure.kind === 'permanent')
  if (refused === undefined || !short(world)) return null
  return terminal('launch-refused', `${world.new.name} cannot launch: ${refused.sentence}`)
}

const noCapacity: FailureRule = (world) => {
  const last = recent(world).slice(-2)
  const twice = last.length === 2 && last.every((failure) => failure.kind === 'capacity')
  if (!twice || !short(world) || pending(world.new).length > 0) return null
  return terminal(
    'no-capacity',
    `${world.new.name} got no capacity twice in a row: ${last[1]?.sentence ?? 'no reason given'}`,
  )
}

const tooManyReplacements: FailureRule = (world) => {
  const replaced = replacedLately(world)
  const allowed = Math.max(1, needs(world) / 10)
  if (replaced.length <= allowed) return null
  const last = replaced.at(-1)
  return terminal(
    'replacements',
    `${world.new.name} replaced ${count(replaced.length, 'instance')} (${list(replaced.map((one) => one.instance))}), the last because: ${last?.cause ?? 'unknown'}`,
  )
}

const timedOut: FailureRule = (world) => {
  const { flags, marks } = world.deployment
  if (world.now < limitedFrom(world.deployment) + flags.timeoutMs) return null
  const missing = unready(world).map((instance) => `${instance.id}: ${lacks(world, instance)}`)
  const who = missing.length > 0 ? ` (still waiting for ${list(missing)})` : ''
  if (marks.shortAt !== null) {
    const sentence = `${world.new.name} had too few healthy instances for ${formatDuration(flags.timeoutMs)} while it was watched${who}.`
    return terminal('timeout', sentence)
  }
  return terminal(
    'timeout',
    `${world.new.name} was not ready to take over within ${formatDuration(flags.timeoutMs)}${who}.`,
  )
}

const rules: readonly FailureRule[] = [
  terminalReport,
  launchRefused,
  noCapacity,
  tooManyReplacements,
  timedOut,
]

/**
 * Why the deployment cannot succeed; null while it still may. Once new instances carry the service alone, nothing is a
 * failure but an alarm, and while they are watched too many replacements.
 */
function failure(world: World): Reason | null {
  const rings = alarmRings(world)
  if (rings !== null) return rings
  if (world.deployment.marks.bakeAt !== null && covers(world)) return tooManyReplacements(world)
  if (world.deployment.marks.bakeAt === null && letGo(world)) return null
  if (switchBegun(world) && covers(world)) return oldServes(world) ? timedOut(world) : null
  for (const rule of rules) {
    const found = rule(world)
    if (found !== null) return found
  }
  return null
}

/** Whether what is waited for has to come within the time limit of the flags: it fails the deployment when it is over. */
export function timeoutApplies(world: World): boolean {
  if (!goesForward(world.deployment.goal)) return false
  if (world.deployment.marks.bakeAt === null ? letGo(world) : covers(world)) return false
  return !switchBegun(world) || !covers(world) || oldServes(world)
}

/** Old instances that serve or could serve again without a launch. */
function recoverable(world: World): number {
  const draining = entering(world.old).filter((instance) => !isDead(world, instance.id))
  return inService(world.old).length + returnable(world).length + draining.length
}

/** The safe direction: back, unless the parked fleet is no longer there to go back to, or a person wants to look first. */
export function failFast(world: World): Step | null {
  const found = failure(world)
  if (found === null) return null
  const { flags, required } = world.deployment
  const back = recoverable(world)
  if (switchBegun(world) && back < required && back <= serving(world, 'new').length) {
    const sentence = `${found.sentence} Only ${back} of ${count(required, 'old instance')} ${verb(back, 'is', 'are')} there to go back to.`
    return hold({ ...found, sentence })
  }
  if (flags.onFailure === 'hold') return hold(found)
  return { kind: 'turn-back', failure: found, why: found.sentence }
}
