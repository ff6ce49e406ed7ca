import { exchanged } from '../../decide/exchange.ts'
import { list } from '../../decide/words.ts'
import type { Facts, GroupFacts } from './facts.ts'
import type { Check, Finding } from './finding.ts'
import { nothingOpen, serves, sideOf, underWay, type Side } from './views.ts'

/** AWS says when a process was suspended in whole seconds. Milliseconds. */
const toldToMs = 1_000

/**
 * Processes that an ended deployment suspended and that are still so: it says that it did, and AWS says that it was done
 * between its beginning and its end. What was suspended since is somebody's own. An older deployment proves as much as
 * the last, as long as none since has found the process suspended, by then somebody's own, or an earlier leftover.
 */
function leftByUs({ past }: Facts, { group, suspendedAt }: GroupFacts): string[] {
  const sides = past.flatMap((one) => sideOf(one, group.name) ?? [])
  return group.suspended.filter((process) => {
    const last = sides.find(
      ({ past, side }) =>
        past[side].before.suspended.includes(process) || past[side].written.suspended.includes(process),
    )
    const at = suspendedAt.get(process)
    if (last === undefined || at === undefined) return false
    const { startedAt, endedAt, [last.side]: side } = last.past
    if (staysIdle(last, process)) return false
    return !side.before.suspended.includes(process) && startedAt < at + toldToMs && at <= endedAt
  })
}

/** Under swap a finished group is kept from acting on what it owns, as the group that serves was before it. */
function staysIdle({ side, past }: Side, process: string): boolean {
  return side === 'old' && past.outcome === 'finished' && exchanged(past).includes(process)
}

export const suspendedByUs: Check = (facts) => {
  if (!nothingOpen(facts)) return []
  return facts.groups.flatMap((one): Finding[] => {
    const processes = leftByUs(facts, one)
    if (processes.length === 0) return []
    const { name } = one.group
    const why = `A deployment that has ended left ${list(processes)} suspended on ${name}.`
    return [
      {
        code: 'suspension-left',
        severity: serves(one) ? 'danger' : 'warning',
        what: why,
        risk: serves(one)
          ? 'The group that serves does not follow its alarms, schedules or zones.'
          : 'Once it serves, the group will not follow its alarms, schedules or zones.',
        mend: resume(name, processes),
        fix: { kind: 'steps', steps: [{ kind: 'resume', group: name, processes, why }] },
      },
    ]
  })
}

/** Without Launch nothing is replaced, without AddToLoadBalancer nothing takes traffic; ExitStandby needs both. */
export const cannotLaunch: Check = ({ groups }) =>
  groups.flatMap(({ group: { name, suspended } }): Finding[] => {
    const processes = suspended.filter((process) => process === 'Launch' || process === 'AddToLoadBalancer')
    if (processes.length === 0) return []
    return [
      {
        code: 'cannot-launch',
        severity: 'danger',
        what: `${list(processes)} ${processes.length === 1 ? 'is' : 'are'} suspended on ${name}, by another hand.`,
        risk: 'No instance can be launched, replaced or brought back from Standby there.',
        mend: resume(name, processes),
        fix: null,
      },
    ]
  })

/** What somebody else suspended may be meant: said, and left alone. */
export const suspendedByOthers: Check = (facts) =>
  facts.groups.flatMap((one): Finding[] => {
    const { name, suspended } = one.group
    if (!serves(one) || underWay(facts)) return []
    const ours = nothingOpen(facts) ? leftByUs(facts, one) : []
    const processes = suspended.filter(
      (process) => !ours.includes(process) && process !== 'Launch' && process !== 'AddToLoadBalancer',
    )
    if (processes.length === 0) return []
    return [
      {
        code: 'suspended-by-others',
        severity: 'note',
        what: `${list(processes)} suspended on ${name}, which serves; no deployment did that.`,
        risk: 'The group does without them until somebody resumes them.',
        mend: resume(name, processes),
        fix: null,
      },
    ]
  })

function resume(group: string, processes: readonly string[]): string {
  return `aws autoscaling resume-processes --auto-scaling-group-name ${group} --scaling-processes ${processes.join(' ')}`
}
