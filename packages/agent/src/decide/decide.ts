import type { Phase, Reason } from '@switchover/contract/report'
import { downServices, restlessServices, startedServices, verifiedImages, wasProven } from './containers.ts'
import type { Ending } from './lifecycle.ts'
import type { EngineView, Observation, Plan, VerifiedImage } from './observation.ts'
import { retryable, terminal } from './reason.ts'
import type { Decision, Step } from './step.ts'

/** How long a look at nothing changing may wait; events end the wait earlier. */
const idleMs = 2_000
/** While the app starts, its first success is what a deployment waits for. */
const startingMs = 250

/** One decision from one observation: the first rung of the ladder that applies. */
export function decide(observation: Observation): Decision {
  const rung = ending(observation) ?? failed(observation) ?? orientation(observation)
  if (rung) return rung
  const { plan, engine } = observation
  if (plan === null) return working('resolving', { kind: 'fetch-bundle' })
  if (engine === null) {
    const reason = retryable('engine-unreachable', 'The Docker engine does not answer.')
    return { ...working('pulling', { kind: 'rest', ms: idleMs }), reason }
  }
  if (observation.warm) return warming(plan, engine)
  const decision = serving(observation, plan, engine)
  const services = restlessServices(plan, observation.parking.since !== null, engine.containers)
  // Whatever becomes of the app: a queue must not be worked on by a version that is parked.
  return services.length > 0 ? { ...decision, step: { kind: 'stop-services', services } } : decision
}

function serving(observation: Observation, plan: Plan, engine: EngineView): Decision {
  const images = verifiedImages(observation)
  const parked = observation.parking.since !== null
  const down = downServices(plan, parked, engine.containers)
  if (images !== null && down.length === 0) return running(observation, plan, images)
  // One service that has to be started again takes nothing from what is proven and answers.
  const ready = images !== null && observation.health.healthy && observation.everReady
  const services = ready ? down : startedServices(plan, parked, engine.containers)
  const step = imageStep(plan, engine) ?? { kind: 'up', services }
  if (step.kind === 'fail' && wasProven(observation)) return unproven(observation, step.reason, images)
  const phase = ready ? restingPhase(observation) : phaseOf(step)
  const reason = step.kind === 'up' ? observation.health.reason : null
  return { phase, ready, step, reason, images: images ?? [] }
}

function working(phase: Phase, step: Step): Decision {
  return { phase, ready: false, step, reason: null, images: [] }
}

const endingSentence: Record<Ending['kind'], string> = {
  terminated: 'Auto Scaling terminates this instance.',
  pooled: 'Auto Scaling puts this instance back into its warm pool.',
  interrupted: 'EC2 takes this Spot instance back.',
  shutdown: 'The machine is shutting down.',
}

function ending(observation: Observation): Decision | null {
  const { ending, now } = observation
  if (ending === null) return null
  const images = verifiedImages(observation) ?? []
  const left = ending.since + ending.drainMs - now
  const step: Step =
    left > 0
      ? { kind: 'rest', ms: left }
      : !ending.stopped
        ? { kind: 'stop-all' }
        : ending.kind !== 'shutdown' && !ending.released
          ? { kind: 'release' }
          : { kind: 'rest', ms: 60_000 }
  const pooled = ending.kind === 'pooled' && ending.stopped
  // What made it fail is why it ends, and its group may be quicker than whoever asks.
  const reason = observation.terminal ?? retryable('ending', endingSentence[ending.kind])
  return { phase: 'draining', ready: false, step, reason, images, pooled }
}

function failed(observation: Observation): Decision | null {
  if (observation.terminal === null) return null
  // A machine that does not know itself can tell nobody of its failure: it goes on asking.
  const step: Step = observation.identity === null ? { kind: 'identify' } : { kind: 'rest', ms: 60_000 }
  return { ...working('failed', step), reason: observation.terminal }
}

function orientation(observation: Observation): Decision | null {
  if (observation.identity === null) return working('identifying', { kind: 'identify' })
  if (observation.wanted === null) return working('resolving', { kind: 'resolve' })
  return null
}

/** In the warm pool everything is made ready but the app: which version it will be is not settled yet. */
function warming(plan: Plan, engine: EngineView): Decision {
  const running = engine.containers.filter(({ state }) => state === 'running').map(({ service }) => service)
  if (running.length > 0) return working('starting', { kind: 'stop-services', services: running })
  const step = imageStep(plan, engine)
  if (step !== null) return working(phaseOf(step), step)
  const sentence =
    'In the warm pool: the images are here, the app starts when the instance is called into service.'
  const decision = working('retagging', { kind: 'rest', ms: 60_000 })
  return { ...decision, reason: retryable('warm-pool', sentence), pooled: true }
}

/** The next image to bring in or to name, or the reason why it never will run here. */
function imageStep(plan: Plan, engine: EngineView): Step | null {
  for (const image of plan.pinned) {
    const view = engine.images.get(image.source)
    if (!view || view.sourceId === null) return { kind: 'pull-pinned', image }
    if (view.architecture !== null && view.architecture !== engine.architecture) {
      const sentence = `Image ${image.source} is built for ${view.architecture}, this machine is ${engine.architecture}.`
      return { kind: 'fail', reason: terminal('wrong-architecture', sentence) }
    }
    if (image.digest !== null && !view.sourceDigests.some((entry) => entry.endsWith(`@${image.digest}`))) {
      const sentence = `The engine's image ${image.source} does not carry that digest.`
      return { kind: 'fail', reason: terminal('digest-mismatch', sentence) }
    }
    if (view.namedId !== view.sourceId) return { kind: 'tag-pinned', image }
  }
  for (const image of plan.sidecars) {
    const view = engine.images.get(image.source)
    if (!view || view.sourceId === null) return { kind: 'pull-sidecar', image }
    if (view.namedId !== view.sourceId) return { kind: 'tag-sidecar', image }
  }
  return null
}

/** What ran here once is no machine to give up: somebody may still put right what became of its images. */
function unproven(
  observation: Observation,
  reason: Reason,
  images: readonly VerifiedImage[] | null,
): Decision {
  const step: Step = { kind: 'rest', ms: idleMs }
  const ready = images !== null && observation.health.healthy
  const phase = ready ? restingPhase(observation) : 'starting'
  return { phase, ready, step, reason: retryable(reason.code, reason.sentence), images: images ?? [] }
}

function phaseOf(step: Step): Phase {
  if (step.kind.startsWith('pull-')) return 'pulling'
  return step.kind.startsWith('tag-') ? 'retagging' : 'starting'
}

function restingPhase(observation: Observation): Phase {
  return observation.parking.since === null ? 'ready' : 'parked'
}

function running(observation: Observation, plan: Plan, images: readonly VerifiedImage[]): Decision {
  const { health, everReady } = observation
  const pause = Math.min(idleMs, plan.settings.health?.interval ?? idleMs)
  if (!health.healthy) {
    const ms = everReady || health.failures > 60 ? pause : startingMs
    return { phase: 'verifying', ready: false, step: { kind: 'rest', ms }, reason: health.reason, images }
  }
  const step: Step = observation.tidied
    ? { kind: 'rest', ms: plan.settings.health?.interval ?? idleMs }
    : { kind: 'tidy' }
  return { phase: restingPhase(observation), ready: true, step, reason: null, images }
}
