import type { GroupBefore, GroupWritten } from '@switchover/contract/deployment'
import type { Facts, GroupFacts, PastSides } from './facts.ts'
import type { Check, Finding } from './finding.ts'
import { deploymentOf, lastOf, nothingOpen, serves, underWay } from './views.ts'

type Proof = Readonly<{ wanted: number; written: GroupWritten['min'] }>

/**
 * The MinSize a group should have had since the last deployment ended, or came to rest with its old fleet parked; and
 * the values that deployment wrote on its way. Null where nothing tells.
 */
function proofOf(facts: Facts, group: string): Proof | null {
  const open = deploymentOf(facts)
  if (open?.stage === 'parked')
    return group === open.new.name
      ? { wanted: open.old.before.min, written: open.new.written.min }
      : group === open.old.name
        ? { wanted: 0, written: open.old.written.min }
        : null
  if (!nothingOpen(facts)) return null
  const last = lastOf(facts, group)
  if (!last) return null
  const { past, side } = last
  const before: GroupBefore = past[side].before
  return {
    wanted: past.outcome === 'finished' ? afterFinish(past, side) : before.min,
    written: past[side].written.min,
  }
}

/** The new group took over the old one's min, which stays at 0; the first of all keeps its own. */
function afterFinish({ first, old, new: fresh }: PastSides, side: 'old' | 'new'): number {
  if (side === 'old') return 0
  return first ? fresh.before.min : old.before.min
}

/** A MinSize that a deployment wrote to hold off scale-in, and that is still there. */
export const minNotRestored: Check = (facts) => facts.groups.flatMap((one) => pinOf(facts, one) ?? [])

function pinOf(facts: Facts, { group }: GroupFacts): Finding | null {
  const proof = proofOf(facts, group.name)
  if (!proof || group.min === proof.wanted || !proof.written.includes(group.min)) return null
  // A min above desired would launch instances: that is for a person to want.
  const safe = proof.wanted <= group.desired
  const why = `MinSize ${group.min} of ${group.name} was written by a deployment; ${proof.wanted} is what it should be.`
  return {
    code: 'min-not-restored',
    severity: 'warning',
    what: why,
    risk:
      group.min > proof.wanted
        ? 'The group cannot scale in below it, and is paid for at that size.'
        : 'The group may shrink below what the service was given as its least.',
    mend: `aws autoscaling update-auto-scaling-group --auto-scaling-group-name ${group.name} --min-size ${proof.wanted}`,
    fix: safe
      ? { kind: 'steps', steps: [{ kind: 'size', group: group.name, min: proof.wanted, why }] }
      : null,
  }
}

/** Sizes that ask for instances in a group that has none: deploy refuses, and nothing proves whose they are. */
export const idleNotAtZero: Check = (facts) =>
  facts.groups.flatMap((one): Finding[] => {
    const { name, min, desired, instances } = one.group
    if (serves(one) || instances.length > 0 || (min === 0 && desired === 0)) return []
    if (underWay(facts) || pinOf(facts, one)) return []
    return [
      {
        code: 'idle-not-at-zero',
        severity: 'warning',
        what: `${name} has no instance, yet min ${min} and desired ${desired}.`,
        risk: 'It will launch, or cannot: either way the next deployment refuses to begin.',
        mend: `aws autoscaling update-auto-scaling-group --auto-scaling-group-name ${name} --min-size 0 --desired-capacity 0`,
        fix: null,
      },
    ]
  })
