import { installBundle } from './bundle/install.ts'
import { removeOldBundles } from './bundle/old-bundles.ts'
import { readPlan } from './bundle/plan.ts'
import { tarBytesMax } from './bundle/size.ts'
import type { BackoffLimits } from './decide/backoff.ts'
import { familiarName } from './decide/familiar-name.ts'
import type { Identity, Plan, Wanted } from './decide/observation.ts'
import { retryable } from './decide/reason.ts'
import type { Work } from './decide/step.ts'
import { removeOldImages } from './engine/make-room.ts'
import { errorText, Failure } from './failure.ts'
import { identify } from './identity.ts'
import { adopt, type Knowledge } from './knowledge.ts'
import type { Parts } from './parts.ts'
import { requireVersion } from './required-tags.ts'
import { pull } from './pull.ts'
import type { Status } from './status.ts'
import { releaseInstance } from './termination-hook.ts'

export type Effects = {
  parts: Parts
  knowledge: Knowledge
  status: Status
  /** Keeps on disk what a restart needs. */
  save: () => void
}

type Executor<Kind extends Work['kind']> = (
  effects: Effects,
  step: Extract<Work, { kind: Kind }>,
  signal: AbortSignal,
) => Promise<void>

const callMs = 15_000
/** An engine may take long to remove an image, and nothing else is done meanwhile. */
const tidyMs = 3 * 60_000

/** Exactly one executor a kind of step. Each throws a Failure where it did not do its work, and may be run again. */
const executors: { [Kind in Work['kind']]: Executor<Kind> } = {
  identify: async (effects, _, signal) => {
    await takeIdentity(effects, await identify(effects.parts.imds, signal))
    effects.save()
  },
  resolve: async (effects, _, signal) => {
    const { parts, knowledge, status } = effects
    const limit = AbortSignal.any([signal, parts.clock.deadline(callMs)])
    const { identity, cloud } = known(knowledge)
    const membership = await cloud.membership(identity.instanceId, limit)
    if (membership === null) {
      throw new Failure(retryable('no-group', `Auto Scaling names no group of ${identity.instanceId} yet.`))
    }
    const { group, lifecycleState } = membership
    const tags = await cloud.groupTags(group, limit)
    // Called off: what it would run now is for another look.
    if (signal.aborted) return
    // The metadata of a new instance may not say it yet.
    if (lifecycleState.startsWith('Warmed:')) knowledge.warm = true
    const { service, store, release, deployment, digests } = tags
    status.place = { group, service, store, deployment }
    const wanted: Wanted = {
      group,
      service,
      store,
      release,
      deployment,
      digests,
      ...requireVersion(group, tags),
    }
    takeWanted(effects, wanted)
    parts.log.info(`Group ${group} runs ${service} ${wanted.version}, bundle ${wanted.bundle}.`)
  },
  'fetch-bundle': async ({ parts, knowledge }, _, signal) => {
    const { cloud, wanted } = known(knowledge)
    const directory = await installBundle(cloud.bundles(wanted.store, wanted.service), {
      stateDirectory: parts.stateDirectory,
      revision: wanted.bundle,
      tarBytesMax,
      signal,
    })
    // A machine that can start nothing says so before it pulls.
    await parts.compose.find()
    const plan = await readPlan(directory, wanted)
    if (!signal.aborted) knowledge.plan = plan
  },
  'pull-pinned': (effects, { image }, signal) => bringIn(effects, image.source, signal),
  'pull-sidecar': (effects, { image }, signal) => bringIn(effects, image.source, signal),
  'tag-pinned': async ({ parts, knowledge }, { image }) => {
    const before = knowledge.engine?.images.get(image.source)?.namedId ?? null
    await tag(parts, image.source, `${image.repository}:live`)
    if (before !== null) knowledge.replaced.set(image.repository, before)
  },
  'tag-sidecar': ({ parts }, { image }) => tag(parts, image.source, image.image),
  up: async ({ parts, knowledge }, { services }, signal) => {
    const { wanted, plan } = known(knowledge)
    await parts.compose.up(wanted.service, planned(plan), services, signal)
  },
  'stop-services': async ({ parts, knowledge }, { services }, signal) => {
    const { wanted, plan } = known(knowledge)
    await parts.compose.stop(wanted.service, planned(plan), services, signal)
  },
  tidy: async ({ parts, knowledge, save }, _, signal) => {
    // Once, whatever comes of it: what is left over is looked at again when a pull wants room.
    knowledge.tidied = true
    const limit = AbortSignal.any([signal, parts.clock.deadline(tidyMs)])
    const { plan, wanted } = known(knowledge)
    await removeOldImages(parts, planned(plan), knowledge, limit)
    await removeOldBundles(parts, wanted.bundle)
    save()
  },
  'stop-all': async ({ parts, knowledge }) => {
    const { wanted, plan, ending } = knowledge
    if (wanted !== null && plan !== null) await parts.compose.stop(wanted.service, plan, [])
    const now = knowledge.ending
    // One that was called off meanwhile is not brought back.
    if (now !== null && now.since === ending?.since) knowledge.ending = { ...now, stopped: true }
  },
  release: async ({ parts, knowledge, save }) => {
    const { identity, cloud, ending } = knowledge
    if (ending === null) return
    const released =
      identity === null ||
      cloud === null ||
      (await releaseInstance(parts.clock, cloud, identity, ending.kind))
    if (!released || knowledge.ending !== ending) return
    knowledge.ending = { ...ending, released: true }
    save()
  },
}

const limitsOf: Partial<Record<Work['kind'], BackoffLimits>> = {
  identify: { baseMs: 250, capMs: 10_000 },
  'pull-pinned': { baseMs: 2_000, capMs: 60_000 },
  'pull-sidecar': { baseMs: 2_000, capMs: 60_000 },
}

export function backoffLimits(step: Work): BackoffLimits {
  return limitsOf[step.kind] ?? { baseMs: 500, capMs: 30_000 }
}

/** Runs a step to its end. Returns its failure, or null. */
export async function act(effects: Effects, step: Work, signal: AbortSignal): Promise<Failure | null> {
  const failure = await attempt(effects, step, signal)
  const outcome = failure === null ? 'done' : 'failed'
  effects.parts.counters.add('switchover_agent_steps_total', { step: step.kind, outcome })
  return failure
}

async function attempt(effects: Effects, step: Work, signal: AbortSignal): Promise<Failure | null> {
  try {
    await (executors[step.kind] as Executor<typeof step.kind>)(effects, step, signal)
    return null
  } catch (error) {
    if (error instanceof Failure) return error
    effects.parts.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error))
    return new Failure(retryable('unexpected', `${step.kind} failed: ${errorText(error)}`), { cause: error })
  }
}

export async function takeIdentity(effects: Effects, identity: Identity): Promise<void> {
  const { parts, knowledge, status } = effects
  knowledge.cloud = await parts.cloud(identity.region)
  adopt(knowledge, identity, parts.bootId, (wallMs) => parts.clock.moment(wallMs))
  // What stood in the way of knowing oneself is over.
  knowledge.terminal = null
  status.identity = identity
  if (knowledge.wanted === null) return
  const { version, group } = knowledge.wanted
  parts.log.info(
    `This machine was verified to run ${version} of group ${group} before; it goes on with that.`,
  )
  takeWanted(effects, knowledge.wanted)
}

function takeWanted({ knowledge, status }: Effects, wanted: Wanted): void {
  knowledge.wanted = wanted
  status.wanted = wanted
  const { group, service, store, deployment } = wanted
  status.place = { group, service, store, deployment }
}

async function bringIn(effects: Effects, source: string, signal: AbortSignal): Promise<void> {
  const { parts, knowledge, status, save } = effects
  const { cloud, plan } = known(knowledge)
  const architecture = knowledge.engine?.architecture ?? ''
  const means = { parts, cloud, status, plan: planned(plan), architecture, history: knowledge }
  await pull({ ...means, crowded: knowledge.crowded }, source, signal)
  knowledge.pulled.add(familiarName(source))
  save()
}

async function tag(parts: Parts, source: string, name: string): Promise<void> {
  try {
    await parts.engine.tag(source, name)
  } catch (error) {
    throw new Failure(retryable('tag-failed', `Tagging ${source} as ${name} failed: ${errorText(error)}`), {
      cause: error,
    })
  }
}

/** What `decide` saw before it chose the step; only a bug can have lost it since. */
function known(knowledge: Knowledge) {
  const { identity, cloud, wanted, plan } = knowledge
  if (identity === null || cloud === null) throw new Error('A step ran before the instance was identified.')
  return {
    identity,
    cloud,
    plan,
    get wanted(): Wanted {
      if (wanted === null) throw new Error('A step ran before its group was resolved.')
      return wanted
    },
  }
}

function planned(plan: Plan | null): Plan {
  if (plan === null) throw new Error('A step ran before its bundle was read.')
  return plan
}
