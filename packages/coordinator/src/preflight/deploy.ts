import { readGroupTags, serviceName } from '@switchover/contract/tags'
import type { Digests } from '@switchover/contract/tags'
import { isVersion } from '@switchover/contract/image'
import type { AwsClients } from '../aws/clients.ts'
import type { AwsGroup, Pair } from '../aws/groups.ts'
import type { DeployOptions } from '../commands/options.ts'
import { newDeployment } from '../decide/start.ts'
import type { Deployment } from '@switchover/contract/deployment'
import { expectedArchitecture } from './architecture.ts'
import { checkAlarms, ignoredWarning, type Heeded } from './alarms.ts'
import { checkRefreshes } from './refreshes.ts'
import { canariesOf, checkCanary } from './canary.ts'
import { checkFirst } from './first.ts'
import { chooseBundle } from './bundle.ts'
import { checkGroup, checkRoles } from './group-checks.ts'
import { checkArchitecture, resolveImages } from './images.ts'
import { collecting, problem, refusalOfAll } from './problem.ts'
import type { Problem } from './problem.ts'
import { checkQuotas, kindsOf, quotaWarning, readQuotas } from './quotas.ts'
import { readUntagged, tagWarnings } from './instance-tags.ts'
import { checkRelease } from './release.ts'
import { findRoles, sizeOf, type Roles } from './roles.ts'
import { chooseScaling, type ScalingChoice } from './scaling.ts'
import { desiredWarning, settingWarnings, type Settings } from './setting-warnings.ts'
import { readSettings } from './settings.ts'
import { readTargetGroups } from './target-groups.ts'
import { checkTrafficSources } from './traffic-sources.ts'
import { warningsFor } from './warnings.ts'
import { checkZones } from './zones.ts'

export type PlanFacts = Readonly<{
  /** Of the deployment to be. */
  id: string
  /** Milliseconds since the epoch, by the store's clock. */
  now: number
  pair: Pair
  /**
   * Reads the groups once more when all else is known: what becomes the originals must be from after the record was
   * read, or it might be what another run was about to put back. Left out where nothing is going to be written.
   */
  again?: () => Promise<Pair>
}>

export type Planned =
  | { kind: 'deploy'; deployment: Deployment; warnings: readonly string[] }
  | { kind: 'nothing-to-do'; sentence: string; warnings: readonly string[] }

/**
 * Everything that can be known before anything is changed. Reads only.
 * @throws {Refusal} naming every problem found, one sentence a line: exit 4 where a person must decide, else 2.
 */
export async function planDeployment(
  clients: AwsClients,
  options: DeployOptions,
  facts: PlanFacts,
): Promise<Planned> {
  const { pair } = facts
  const expected = findRoles(pair.groups).roles
  const [{ around, settings }, { wanted, lacking }, heeded, scaling, quotas, untagged] = await Promise.all([
    readSurroundings(clients, pair),
    readWanted(clients, options, pair, expected),
    checkAlarms(clients, options),
    chooseScaling(clients, options.scaling, expected),
    readQuotas(clients),
    readUntagged(clients, pair),
  ])
  const { groups } = (await facts.again?.()) ?? pair
  const { roles, problems } = findRoles(groups)
  problems.push(...checkWords(options), ...groups.flatMap(checkGroup), ...around)
  if (roles) {
    const required = requiredOf(options, roles)
    problems.push(
      ...checkRoles(roles, required),
      ...checkSame(roles, expected),
      ...checkFirst(options, roles),
      ...checkCanary(options, roles),
      ...checkRelease(options, roles, settings.hooks),
      ...checkQuotas(quotas, roles, required, kindsOf(roles.live, settings.durations.checks)),
    )
  }
  problems.push(...lacking, ...heeded.problems, ...scaling.problems)
  if (!roles || !wanted || problems.length > 0) throw refusalOfAll(problems)
  const warnings = [
    ...warningsFor(roles, settings.hooks),
    ...settingWarnings(roles, settings),
    ...desiredWarning(options.desired, roles),
    ...quotaWarning(quotas),
    ...tagWarnings(options.service, roles, untagged),
    ...ignoredWarning(heeded),
    ...scaling.warnings,
  ]
  if (!roles.first && isLive(roles.live, options.version, wanted))
    return {
      kind: 'nothing-to-do',
      sentence: `${options.version} is live already on ${roles.live.group.name}: nothing to do.`,
      warnings,
    }
  return {
    kind: 'deploy',
    deployment: build(options, facts, { roles, wanted, heeded, scaling, settings }),
    warnings,
  }
}

type WantedVersion = { digests: Digests; bundle: string | null }

type Findings = Readonly<{
  roles: Roles
  wanted: WantedVersion
  heeded: Heeded
  scaling: ScalingChoice
  settings: Settings
}>

function build(
  options: DeployOptions,
  facts: PlanFacts,
  { roles, wanted, heeded, scaling, settings }: Findings,
): Deployment {
  return newDeployment({
    id: facts.id,
    now: facts.now,
    service: options.service,
    version: options.version,
    digests: wanted.digests,
    bundle: wanted.bundle,
    first: roles.first,
    durations: settings.durations,
    old: roles.live.group,
    new: roles.idle.group,
    flags: {
      readiness: options.readiness,
      onFailure: options.onFailure,
      release: options.release,
      timeoutMs: options.timeoutMs,
      desired: options.desired,
      canary: options.canary === null ? null : canariesOf(options.canary, roles),
      bakeMs: options.bakeMs,
      alarms: heeded.alarms,
      ignoredAlarms: heeded.ignored,
      scaling: scaling.scaling,
      // There is nothing to finish after a first deployment.
      finishAfterMs: roles.first ? null : options.finishAfterMs,
      notify: options.notify,
    },
  })
}

/** All that was read is about the groups as they were found first. */
function checkSame({ live }: Roles, expected: Roles | null): Problem[] {
  return expected?.live.group.name === live.group.name
    ? []
    : [problem('The groups changed while they were looked at: give the command again.')]
}

function checkWords(options: DeployOptions): Problem[] {
  const problems: Problem[] = []
  if (!serviceName.safeParse(options.service).success)
    problems.push(problem(`"${options.service}" is not a service name.`))
  if (!isVersion(options.version)) problems.push(problem(`"${options.version}" is not a legal image tag.`))
  return problems
}

async function readSurroundings(
  clients: AwsClients,
  pair: Pair,
): Promise<{ around: Problem[]; settings: Settings }> {
  const { groups } = pair
  const targetGroups = await readTargetGroups(clients, groups)
  const [settings, ...around] = await Promise.all([
    readSettings(clients, pair, targetGroups),
    ...groups.map(async ({ group }) => checkRefreshes(clients, group.name)),
    checkTrafficSources(clients, groups, targetGroups),
    checkZones(clients, groups, targetGroups),
  ])
  return { around: around.flat(), settings }
}

/** Bundle, digests and architecture, or what they lack. */
async function readWanted(
  clients: AwsClients,
  options: DeployOptions,
  pair: Pair,
  roles: Roles | null,
): Promise<{ wanted: WantedVersion | null; lacking: Problem[] }> {
  const registry = {
    ecr: clients.ecr,
    dockerConfig: options.dockerConfig,
    insecureRegistries: options.insecureRegistries,
  }
  const lacking: Problem[] = []
  const bundle = await collecting(
    lacking,
    chooseBundle(clients.s3, pair.store, options.service, options.bundle, roles),
  )
  // A version that is no tag was named already, and a bundle that cannot be read says nothing of its images.
  if (lacking.length > 0 || !isVersion(options.version)) return { wanted: null, lacking }
  const [images, architecture] = await Promise.all([
    collecting(lacking, resolveImages(registry, options, bundle?.compose ?? null)),
    roles && options.digest
      ? collecting(lacking, expectedArchitecture(clients, roles.idle))
      : Promise.resolve(null),
  ])
  if (!images) return { wanted: null, lacking }
  if (roles && architecture) lacking.push(...checkArchitecture(images, architecture, roles.idle.group.name))
  return { wanted: { digests: images.digests, bundle: bundle?.revision ?? null }, lacking }
}

/** As many as live has in service or wants to have, or more where --desired asks for more. */
function requiredOf(options: DeployOptions, { live }: Roles): number {
  return Math.max(options.desired ?? 0, sizeOf(live))
}

function isLive({ group }: AwsGroup, version: string, wanted: WantedVersion): boolean {
  const read = readGroupTags(group.tags)
  if (!read.ok || read.tags.version !== version || read.tags.bundle !== wanted.bundle) return false
  const [live, next] = [Object.entries(read.tags.digests), wanted.digests]
  return (
    live.length === Object.keys(next).length && live.every(([service, digest]) => next[service] === digest)
  )
}
