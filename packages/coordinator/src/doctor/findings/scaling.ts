import type { Definition, GroupFacts } from './facts.ts'
import type { Check, Finding } from './finding.ts'
import { deploymentOf, liveOf, underWay } from './views.ts'

type Kind = Readonly<{
  code: string
  noun: string
  of: (group: GroupFacts) => readonly Definition[]
  delete: (group: string, name: string) => string
  show: (group: string, name: string) => string
}>

const kinds: readonly Kind[] = [
  {
    code: 'policy',
    noun: 'Scaling policy',
    of: ({ policies }) => policies,
    delete: (group, name) =>
      `aws autoscaling delete-policy --auto-scaling-group-name ${group} --policy-name '${name}'`,
    show: (group, name) =>
      `aws autoscaling describe-policies --auto-scaling-group-name ${group} --policy-names '${name}', then put-scaling-policy`,
  },
  {
    code: 'schedule',
    noun: 'Scheduled action',
    of: ({ schedules }) => schedules,
    delete: (group, name) =>
      `aws autoscaling delete-scheduled-action --auto-scaling-group-name ${group} --scheduled-action-name '${name}'`,
    show: (group, name) =>
      `aws autoscaling describe-scheduled-actions --auto-scaling-group-name ${group} --scheduled-action-names '${name}', then put-scheduled-update-group-action`,
  },
]

/**
 * Definitions that did not move with traffic, or did so by half: they belong to the one group that serves. Where both
 * groups own theirs, by infrastructure as code, having them twice is meant; the flags of the last deployment say so.
 */
export const halfMoved: Check = (facts) => {
  const live = liveOf(facts)
  const scaling = deploymentOf(facts)?.flags.scaling ?? facts.past[0]?.scaling ?? null
  if (!live || underWay(facts) || scaling === 'swap') return []
  const idle = facts.groups.filter((one) => one !== live)
  return kinds.flatMap((kind) => idle.flatMap((one) => ofKind(kind, live, one, scaling === 'move')))
}

function ofKind(kind: Kind, live: GroupFacts, idle: GroupFacts, moved: boolean): Finding[] {
  const there = new Map(kind.of(live).map(({ name, body }) => [name, body]))
  const [from, to] = [idle.group.name, live.group.name]
  return kind.of(idle).map(({ name, body }): Finding => {
    if (there.get(name) === body)
      return {
        code: `doubled-${kind.code}`,
        // Nothing was moved as far as anybody knows: it may be meant.
        severity: moved ? 'warning' : 'note',
        what: `${kind.noun} ${name} is on ${to} and on ${from} alike.`,
        risk: `It would size ${from} as well, as soon as its suspensions go.`,
        mend: kind.delete(from, name),
        fix: null,
      }
    return {
      code: `idle-${kind.code}`,
      severity: 'warning',
      what: `${kind.noun} ${name} is on ${from}, which does not serve, and not so on ${to}.`,
      risk: `It does not size the group that serves, and would size ${from} as soon as its suspensions go.`,
      mend: `${kind.show(from, name)} on ${to}, then ${kind.delete(from, name)}`,
      fix: null,
    }
  })
}
