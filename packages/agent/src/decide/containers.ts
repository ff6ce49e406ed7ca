import { familiarName } from './familiar-name.ts'
import { isCompleted } from './health.ts'
import type { ContainerView, Observation, Plan, VerifiedImage } from './observation.ts'

/** Services that shall run now: a parked machine's queues and cron jobs rest. */
export function activeServices(plan: Plan, parked: boolean): readonly string[] {
  return parked
    ? plan.services.filter((service) => !plan.settings.parked.stop.includes(service))
    : plan.services
}

/**
 * Services readiness depends on. Those that stop while parked count only until the app was ready once: they take no
 * requests, and a machine that returns needs one health check, not their start.
 */
export function countedServices(plan: Plan, everReady: boolean, parked: boolean): readonly string[] {
  return activeServices(plan, everReady || parked)
}

/** Counted services of pinned images that have no container: of the others nothing was proven that could be lost. */
export function missingServices(
  { pinned }: Plan,
  counted: readonly string[],
  containers: readonly ContainerView[],
): string[] {
  return counted.filter(
    (service) =>
      pinned.some((image) => image.service === service) && !containers.some((one) => one.service === service),
  )
}

/** Services that run and shall rest, since the machine is parked. */
export function restlessServices(
  plan: Plan,
  parked: boolean,
  containers: readonly ContainerView[],
): string[] {
  if (!parked) return []
  return plan.settings.parked.stop.filter((service) =>
    containers.some(
      (container) => container.service === service && /^(running|restarting)$/.test(container.state),
    ),
  )
}

/** Services to start on a machine that is not ready, none for all: only those that rest are left out. */
export function startedServices(
  plan: Plan,
  parked: boolean,
  containers: readonly ContainerView[],
): readonly string[] {
  // What has no container yet has nothing to prove its image by.
  const complete = plan.services.every((service) => containers.some((one) => one.service === service))
  return parked && complete ? activeServices(plan, true) : []
}

/**
 * Pinned images proven to be what runs, or null while any is not. Proof is the same image id of the container, the
 * pinned name and the source; or an id that was proven so before for the same digest. A container that is gone from a
 * machine that was ready (a prune takes one-shots that are done) refutes nothing: that is for health to judge.
 */
export function verifiedImages(observation: Observation): readonly VerifiedImage[] | null {
  const { plan, engine } = observation
  if (plan === null || engine === null) return null
  const verified: VerifiedImage[] = []
  for (const pinned of plan.pinned) {
    if (!plan.services.includes(pinned.service)) continue
    const containers = engine.containers.filter((container) => container.service === pinned.service)
    const known = observation.recorded.filter(
      ({ service, repository }) => service === pinned.service && repository === pinned.repository,
    )
    const imageId = containers[0]?.imageId ?? (observation.everReady ? known[0]?.imageId : undefined)
    if (imageId === undefined || containers.some((container) => container.imageId !== imageId)) return null
    const view = engine.images.get(pinned.source)
    const same = view !== undefined && view.sourceId === imageId && view.namedId === imageId
    const digest = same ? (pinned.digest ?? digestOf(view.sourceDigests, pinned.repository)) : null
    if (digest !== null) {
      verified.push({ service: pinned.service, repository: pinned.repository, digest, imageId })
      continue
    }
    const recorded = known.find(
      (image) => image.imageId === imageId && (pinned.digest === null || image.digest === pinned.digest),
    )
    if (!recorded) return null
    verified.push(recorded)
  }
  return verified
}

/** Whether the wanted version was proven here, in an earlier boot perhaps. */
export function wasProven({ everReady, recorded }: Pick<Observation, 'everReady' | 'recorded'>): boolean {
  return everReady || recorded.length > 0
}

function digestOf(repoDigests: readonly string[], repository: string): string | null {
  const start = `${familiarName(repository)}@`
  return repoDigests.find((entry) => entry.startsWith(start))?.slice(start.length) ?? null
}

/** Services compose has to start: active ones with no container, or with one that will not come up by itself. */
export function downServices(plan: Plan, parked: boolean, containers: readonly ContainerView[]): string[] {
  return activeServices(plan, parked).filter((service) => {
    const own = containers.filter((container) => container.service === service)
    return own.length === 0 || own.some((container) => isDown(container, plan))
  })
}

function isDown(container: ContainerView, plan: Plan): boolean {
  if (container.state === 'created' || container.state === 'dead') return true
  if (container.state !== 'exited') return false
  return plan.settings.parked.stop.includes(container.service) || !isCompleted(container)
}
