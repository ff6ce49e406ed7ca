import type { ResponseLaunchTemplateData } from '@aws-sdk/client-ec2'
import { formatDuration } from '@switchover/contract/duration'
import { noHooks, type Hooks } from '../aws/groups.ts'
import { healthyAfter, type Durations } from '../decide/durations.ts'
import type { SourceSettings } from '../run/traffic-sources.ts'
import { verb } from '../decide/words.ts'
import { sizeOf, type Roles } from './roles.ts'

/** What was read of a service's settings, besides its groups. */
export type Settings = Readonly<{
  durations: Omit<Durations, 'pollMs'>
  targets: readonly Pick<SourceSettings, 'name' | 'deregistrationDelay' | 'slowStart'>[]
  hooks: ReadonlyMap<string, Hooks>
  /** By group name. */
  templates: ReadonlyMap<string, ResponseLaunchTemplateData | null>
}>

type Warning = (roles: Roles, settings: Settings) => (string | null)[]

/** AWS's default; at it the promise of a rollback in seconds cannot be kept. Milliseconds. */
const longDrainMs = 300_000
/** Of a health check that is on top of the boot. Milliseconds. */
const longCheckMs = 30_000

const hooked = ({ idle }: Roles, { hooks }: Settings) =>
  (hooks.get(idle.group.name) ?? noHooks).launching.length > 0

const slowDrain: Warning = (_, { targets }) =>
  targets.map(({ name, deregistrationDelay }) =>
    deregistrationDelay < longDrainMs
      ? null
      : `${name} drains for ${formatDuration(deregistrationDelay)}: that long the old instances take to be parked, and a rollback during it waits. Lower its deregistration delay.`,
  )

const slowStart: Warning = (_, { targets }) =>
  targets.map(({ name, slowStart: ms }) =>
    ms === 0 ? null : `Slow start of ${name} adds ${formatDuration(ms)} before the old instances are parked.`,
  )

/** Without a launch hook an instance is found unhealthy while it boots, and then needs the whole healthy threshold. */
const slowCheck: Warning = (roles, settings) => {
  const { boot, checks } = settings.durations
  const readyMs = hooked(roles, settings) ? 0 : boot.readyMs
  return checks.map((check) => {
    const ms = healthyAfter(check, readyMs) - readyMs
    if (ms < longCheckMs) return null
    const advice = check.oneIsEnough && readyMs > 0 ? ', or a launch hook' : ''
    return `The health check of ${check.name} takes about ${formatDuration(ms)} to find a ready instance healthy (interval ${formatDuration(check.intervalMs)}, healthy threshold ${check.healthyThreshold}): a shorter interval${advice} makes the switch faster.`
  })
}

/**
 * The grace period begins with InService, which without a launch hook is at the start of the boot (Auto Scaling user
 * guide, health-check-grace-period).
 */
const shortGrace: Warning = (roles, settings) => {
  const { idle } = roles
  const { boot, checks } = settings.durations
  const judged = idle.raw.HealthCheckType?.split(',').some((type) => type.trim() === 'ELB') ?? false
  if (!judged || hooked(roles, settings) || boot.measuredOn === null) return []
  const graceMs = (idle.raw.HealthCheckGracePeriod ?? 0) * 1_000
  const needed = Math.max(...checks.map((check) => healthyAfter(check, boot.readyMs)), boot.readyMs)
  if (graceMs >= needed) return []
  return [
    `${idle.group.name} replaces what is unhealthy ${formatDuration(graceMs)} after it came up, and an instance needs about ${formatDuration(needed)} (as ${boot.measuredOn} took): make its grace period longer, or add a launch hook.`,
  ]
}

const unwatched: Warning = ({ live, idle }) =>
  [live, idle].map(({ raw, group }) =>
    raw.HealthCheckType === 'EC2'
      ? `${group.name} has health check type EC2: it replaces no instance whose app has failed.`
      : null,
  )

const protectedNew: Warning = ({ live, idle }) =>
  [live, idle].map(({ raw, group }) =>
    raw.NewInstancesProtectedFromScaleIn
      ? `New instances of ${group.name} are protected from scale-in: the protection is lifted from those that a rollback or finish ends.`
      : null,
  )

const spot: Warning = ({ live, idle }, { templates }) =>
  [live, idle].map(({ raw, group }) => {
    const distribution = raw.MixedInstancesPolicy?.InstancesDistribution
    const mixed =
      distribution !== undefined && (distribution.OnDemandPercentageAboveBaseCapacity ?? 100) < 100
    const plain = templates.get(group.name)?.InstanceMarketOptions?.MarketType === 'spot'
    return mixed || plain
      ? `${group.name} uses Spot instances: AWS may take a parked one away, and a rollback then has to launch.`
      : null
  })

const unendable: Warning = ({ live, idle }, { templates }) =>
  [live, idle].map(({ group }) =>
    templates.get(group.name)?.DisableApiTermination
      ? `The launch template of ${group.name} protects instances from termination: finish and rollback cannot end them until that is lifted.`
      : null,
  )

const otherProfile: Warning = ({ live, idle }, { templates }) => {
  const [a, b] = [live, idle].map(({ group }) => templates.get(group.name)?.IamInstanceProfile)
  const [one, other] = [a?.Name ?? a?.Arn ?? 'none', b?.Name ?? b?.Arn ?? 'none']
  return one === other
    ? []
    : [`${live.group.name} and ${idle.group.name} differ in their instance profile: ${one} and ${other}.`]
}

const rules: readonly Warning[] = [
  slowDrain,
  slowStart,
  slowCheck,
  shortGrace,
  unwatched,
  protectedNew,
  spot,
  unendable,
  otherProfile,
]

/** Required is what live serves with, or more: a smaller wish is not granted, and not passed over in silence. */
export function desiredWarning(desired: number | null, { live, first }: Roles): string[] {
  const serves = sizeOf(live)
  if (first || desired === null || desired >= serves) return []
  return [
    `--desired ${desired} is less than the ${serves} that ${live.group.name} has or wants in service: ${serves} ${verb(serves, 'is', 'are')} brought up.`,
  ]
}

/** Settings that make the switch slow, or a way back uncertain: said, not refused. */
export function settingWarnings(roles: Roles, settings: Settings): string[] {
  return rules.flatMap((rule) => rule(roles, settings)).flatMap((sentence) => sentence ?? [])
}
