import { formatBytes } from '@switchover/contract/bytes'
import { digestFor } from '@switchover/contract/tags'
import type { PullProgress, Report } from '@switchover/contract/report'
import type { Deployment } from '@switchover/contract/deployment'
import { inService, serving, switchBegun } from './fleet.ts'
import { letGo, oldServes } from './switching.ts'
import type { Instance, World } from './world.ts'

/** Why an instance that reports does not run what was asked for; null when it does. */
function lacksVersion(deployment: Deployment, report: Report | undefined): string | null {
  if (report === undefined) return 'no report yet'
  if (report.phase !== 'ready') {
    const phase = report.progress === undefined ? report.phase : `${report.phase} ${pulled(report.progress)}`
    return report.reason === null ? phase : `${phase}: ${report.reason.sentence}`
  }
  if (report.version !== deployment.version) return `runs ${report.version ?? 'no version'}`
  if (deployment.bundle !== null && report.bundle !== deployment.bundle) {
    return `uses bundle ${report.bundle ?? 'none'}`
  }
  return lacksDigest(deployment, report)
}

/** As far as the report knew, which may be some seconds old. */
function pulled({ bytes, total }: PullProgress): string {
  if (total === null) return `(${formatBytes(bytes)} so far)`
  return `(${total === 0 ? 100 : Math.floor((bytes / total) * 100)} % of ${formatBytes(total)})`
}

function lacksDigest({ digests }: Deployment, report: Report): string | null {
  const expected = Object.keys(digests)
  if (expected.length === 0) return null
  if (report.images.length === 0) return 'reports no image'
  const missing = expected.find((key) => key !== '' && !report.images.some((image) => image.service === key))
  if (missing !== undefined) return `reports no image of ${missing}`
  const wrong = report.images.find((image) => image.digest !== digestFor(digests, image.service))
  return wrong === undefined ? null : `runs ${wrong.digest} as ${wrong.service}`
}

/**
 * Why an instance that runs what was asked for will not stay: EC2's notice comes minutes before it is gone. It counts for as
 * long as the old fleet can carry the service; afterwards the instance serves until its agent takes it out. That EC2
 * recommends to replace an instance announces nothing.
 */
function isTakenBack(world: World, report: Report | undefined): string | null {
  if (report?.interruption === undefined || (switchBegun(world) && !oldServes(world))) return null
  const { action, at } = report.interruption
  return `EC2 takes it back (${action}) at ${at}`
}

/** Why the agent's word does not count for an instance; null when it does. */
function lacksWord(world: World, id: string): string | null {
  const report = world.reports.get(id)
  return lacksVersion(world.deployment, report) ?? isTakenBack(world, report)
}

/** Whether the instance says that it is ready with what this deployment asked for, and will stay; `load-balancer` asks nobody. */
export function reportsReady(world: World, id: string): boolean {
  if (world.deployment.flags.readiness === 'load-balancer') return true
  return lacksWord(world, id) === null
}

/** New instances that take traffic and run the expected digest: what counts towards `required`. */
export function ready(world: World): readonly Instance[] {
  return serving(world, 'new').filter((instance) => reportsReady(world, instance.id))
}

/**
 * New instances that have to be healthy: the canaries of a canary, else as many as the service needs. A group that was
 * let go after the switch may want fewer by now.
 */
export function needs(world: World): number {
  const { goal, flags, required } = world.deployment
  if (goal === 'canary') return flags.canary ?? 1
  return letGo(world) ? Math.min(required, world.new.desired) : required
}

/** Whether the new group can carry what it is there for: as canaries, or the service alone. */
export function covers(world: World): boolean {
  return ready(world).length >= needs(world)
}

/** Why an instance of the new group does not count yet, for people. */
export function lacks(world: World, instance: Instance): string {
  if (world.deployment.flags.readiness === 'agent') {
    const report = lacksWord(world, instance.id)
    if (report !== null) return report
  }
  if (instance.lifecycle !== 'InService') return instance.lifecycle
  return lacksHealth(world, instance)
}

/** Why an instance in service takes no traffic yet, for people. */
export function lacksHealth(world: World, instance: Instance): string {
  if (!instance.healthy) return 'unhealthy to its group'
  for (const target of world.trafficSources) {
    const health = target.health.get(instance.id)
    if (health?.state === 'healthy') continue
    const reason = health?.reason ? ` (${health.reason})` : ''
    return `${health?.state ?? 'not registered'} in ${target.name}${reason}`
  }
  return 'healthy'
}

/** New instances that do not count yet, those already in service last. */
export function unready(world: World): readonly Instance[] {
  const counted = new Set(ready(world))
  const coming = world.new.instances.filter(
    (instance) => instance.lifecycle === 'InService' || instance.lifecycle.startsWith('Pending'),
  )
  return coming.filter((instance) => !counted.has(instance))
}

/** In service, or on the way: what the group is going to have without another launch. */
export function present(world: World): number {
  return unready(world).length + ready(world).length
}

/** Old instances that make up the service: serving, or parked by this deployment after they served. */
export function everServed(world: World): number {
  const parked = new Set(world.deployment.parked)
  const away = world.old.instances.filter(
    (instance) =>
      parked.has(instance.id) &&
      (instance.lifecycle === 'EnteringStandby' || instance.lifecycle === 'Standby'),
  )
  return inService(world.old).length + away.length
}
