import type { Check, Finding } from './finding.ts'
import { liveOf, underWay } from './views.ts'

/** Alarms of a group that takes no traffic: they fall silent, or ring for nothing, and the live group has nobody watching. */
export const alarmsAside: Check = (facts) => {
  const live = liveOf(facts)
  const names = new Set(facts.groups.map(({ group }) => group.name))
  if (!live || underWay(facts)) return []
  return facts.alarms
    .filter(({ group }) => group !== live.group.name && names.has(group))
    .map(({ name, group }): Finding => ({
      code: 'alarm-aside',
      severity: 'warning',
      what: `The alarm ${name} watches ${group} by name, which does not serve.`,
      risk: `It has no data or rings for nothing, and does not see ${live.group.name}.`,
      mend: `aws cloudwatch describe-alarms --alarm-names '${name}', then put-metric-alarm with AutoScalingGroupName=${live.group.name}`,
      fix: null,
    }))
}
