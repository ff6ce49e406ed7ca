import { noHooks } from '../aws/groups.ts'
import type { AwsGroup, Hooks } from '../aws/groups.ts'
import type { Roles } from './roles.ts'
import { templateOf } from './template.ts'

/** Differences that may be meant, and settings that will bite later: said, not refused. */
export function warningsFor({ live, idle }: Roles, hooks: ReadonlyMap<string, Hooks>): string[] {
  const [a, b] = [live.raw, idle.raw]
  const differences: [what: string, live: string | undefined, idle: string | undefined][] = [
    ['launch template', templateName(live), templateName(idle)],
    ['subnets', subnets(a.VPCZoneIdentifier), subnets(b.VPCZoneIdentifier)],
    ['health check type', a.HealthCheckType, b.HealthCheckType],
    ['health check grace period', seconds(a.HealthCheckGracePeriod), seconds(b.HealthCheckGracePeriod)],
    ['lifecycle hooks', hookNames(hooks.get(live.group.name)), hookNames(hooks.get(idle.group.name))],
  ]
  const warnings = differences.flatMap(([what, of, other]) =>
    of === other
      ? []
      : [`${live.group.name} and ${idle.group.name} differ in their ${what}: ${say(of)} and ${say(other)}.`],
  )
  for (const process of ['Launch', 'AddToLoadBalancer', 'Terminate'])
    for (const { group } of [live, idle])
      if (group.suspended.includes(process) && (group === live.group || process === 'Terminate'))
        warnings.push(`${process} is suspended on ${group.name}: a rollback will need it.`)
  return warnings
}

function templateName(group: AwsGroup): string {
  const template = templateOf(group)
  return template
    ? `${template.LaunchTemplateName ?? template.LaunchTemplateId} version ${template.Version ?? '$Default'}`
    : (group.raw.LaunchConfigurationName ?? 'none')
}

function subnets(list: string | undefined): string {
  return (list ?? '').split(',').toSorted().join(',')
}

function hookNames(hooks: Hooks = noHooks): string {
  return [...hooks.launching, ...hooks.terminating].toSorted().join(', ')
}

function seconds(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${value} s`
}

function say(value: string | undefined): string {
  return value === undefined || value === '' ? 'none' : value
}
