import { countedServices, missingServices, verifiedImages } from './decide/containers.ts'
import { nextHealth, sampleOf, unknownHealth, usualThresholds } from './decide/health.ts'
import type { EngineView, Observation, Plan } from './decide/observation.ts'
import { errorText } from './failure.ts'
import type { Knowledge } from './knowledge.ts'
import type { Parts } from './parts.ts'
import { probe } from './probe.ts'

const bootSampleMs = 200

/** Looks at the engine and the app, and returns all that is known as one frozen observation. */
export async function observe(parts: Parts, knowledge: Knowledge): Promise<Observation> {
  const { wanted, plan } = knowledge
  // An ending machine's engine may hang; nothing about the ending waits for it.
  if (wanted !== null && plan !== null && knowledge.terminal === null && knowledge.ending === null) {
    const view = await viewEngine(parts, knowledge, wanted.service, plan)
    // An engine that does not answer now takes nothing from what it proved before.
    if (view !== null) knowledge.engine = view
    await sample(parts, knowledge, plan, view)
  }
  return snapshot(parts, knowledge)
}

async function viewEngine(
  parts: Parts,
  knowledge: Knowledge,
  service: string,
  plan: Plan,
): Promise<EngineView | null> {
  try {
    const view = await parts.engine.view(service, plan)
    if (knowledge.engineSilentSince !== null) parts.log.info('The Docker engine answers again.')
    knowledge.engineSilentSince = null
    return view
  } catch (error) {
    if (knowledge.engineSilentSince === null)
      parts.log.warn(`The Docker engine does not answer: ${errorText(error)}`)
    knowledge.engineSilentSince ??= parts.clock.now()
    return null
  }
}

async function sample(
  parts: Parts,
  knowledge: Knowledge,
  plan: Plan,
  view: EngineView | null,
): Promise<void> {
  const settings = plan.settings.health
  const interval = settings?.interval ?? 2_000
  const now = parts.clock.now()
  const { health } = knowledge
  // The first good sample is looked for in haste; those after it are an interval apart, as the thresholds count them.
  const patient = health.healthy || health.passes > 0 || knowledge.everReady
  if (now - knowledge.sampledAt < (patient ? interval * 0.9 : bootSampleMs)) return
  if (verifiedImages(snapshot(parts, knowledge)) === null) {
    // What runs is not what was asked for: nothing it answers counts.
    knowledge.health = unknownHealth
    return
  }
  knowledge.sampledAt = now
  const counted = countedServices(plan, knowledge.everReady, knowledge.parking.since !== null)
  const containers = view?.containers.filter(({ service }) => counted.includes(service)) ?? null
  const missing = view === null ? [] : missingServices(plan, counted, view.containers)
  const url = settings ? await probe(settings.url, settings.timeout, parts.clock) : null
  const silentMs = now - (knowledge.engineSilentSince ?? now)
  const found = sampleOf({ containers, missing, url, settleMs: interval, silentMs })
  parts.counters.add('switchover_agent_health_samples_total', { result: found.kind })
  knowledge.health = nextHealth(health, found, settings ?? usualThresholds)
}

export function snapshot(parts: Parts, knowledge: Knowledge): Observation {
  const { identity, wanted, plan, engine, recorded, health, parking, warm, ending } = knowledge
  const { everReady, tidied, terminal } = knowledge
  return Object.freeze({
    now: parts.clock.now(),
    identity,
    wanted,
    plan,
    engine,
    recorded,
    health,
    parking,
    warm,
    ending,
    everReady,
    tidied,
    terminal,
  })
}
