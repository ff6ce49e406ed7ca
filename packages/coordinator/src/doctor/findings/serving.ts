import { entering, ids, inService, pending, standby } from '../../decide/fleet.ts'
import { list } from '../../decide/words.ts'
import type { Facts, GroupFacts } from './facts.ts'
import type { Check, Finding } from './finding.ts'
import { batch, deploymentOf, hours, serves, underWay } from './views.ts'

/** Both groups in service where no deployment wants them to be: while one is under way, and beside a canary, they do. */
export const bothServing: Check = (facts) => {
  const serving = facts.groups.filter(serves)
  const stage = deploymentOf(facts)?.stage ?? null
  if (serving.length < 2 || underWay(facts) || (stage !== null && stage !== 'parked')) return []
  const names = serving.map(
    ({ group }) => `${group.name} (${group.tags['switchover:version'] ?? 'no version'})`,
  )
  const old = deploymentOf(facts)?.old.name ?? 'NOT-WANTED'
  return [
    {
      code: 'both-serving',
      severity: 'danger',
      what: `More than one group is in service without a deployment under way: ${list(names)}.`,
      risk: 'Requests are answered by several versions, and no deployment can begin.',
      mend: `aws autoscaling update-auto-scaling-group --auto-scaling-group-name ${old} --min-size 0 --desired-capacity 0`,
      fix: null,
    },
  ]
}

function lives({ group }: GroupFacts): boolean {
  return inService(group).length + pending(group).length > 0
}

export const nothingServes: Check = (facts) => {
  if (facts.groups.some(lives) || underWay(facts)) return []
  const first = facts.groups[0]?.group.name ?? ''
  return [
    {
      code: 'nothing-serves',
      severity: 'danger',
      what: 'No group has an instance in service.',
      risk: 'The service is down, or was never brought up.',
      mend: `aws autoscaling describe-scaling-activities --auto-scaling-group-name ${first} --max-items 5`,
      fix: null,
    },
  ]
}

/** In Standby, and no open deployment knows of it: nobody will ever end it. */
export const orphanStandby: Check = (facts) => {
  const deployment = deploymentOf(facts)
  if (underWay(facts)) return []
  const known = deployment ? [deployment.old.name, deployment.new.name] : []
  return facts.groups.flatMap(({ group }): Finding[] => {
    const alive = standby(group).filter(({ id }) => !isGone(facts, id))
    const orphans = ids([...alive, ...entering(group)])
    if (orphans.length === 0 || known.includes(group.name)) return []
    const asked = `--auto-scaling-group-name ${group.name} --instance-ids ${batch(orphans)}`
    return [
      {
        code: 'orphan-standby',
        severity: 'warning',
        what: `In Standby in ${group.name}, and no open deployment knows of them: ${list(orphans)}.`,
        risk: 'They are paid for, are never checked, count against no size, and stop the next deployment.',
        mend: `aws autoscaling detach-instances ${asked} --no-should-decrement-desired-capacity, then aws ec2 terminate-instances --instance-ids ${batch(orphans)}; or back to service: aws autoscaling exit-standby ${asked}`,
        fix: null,
      },
    ]
  })
}

function isGone({ machines }: Facts, id: string): boolean {
  const state = machines.get(id)
  return state === 'terminated' || state === 'missing'
}

/**
 * Ended behind the group's back: it stays in Standby for ever, and reads Healthy (Auto Scaling user guide,
 * as-enter-exit-standby).
 */
export const deadStandby: Check = (facts) =>
  facts.groups.flatMap(({ group }): Finding[] => {
    const dead = standby(group).filter(({ id }) => isGone(facts, id))
    if (dead.length === 0 || underWay(facts)) return []
    const open = deploymentOf(facts)
    return [
      {
        code: 'dead-standby',
        severity: 'warning',
        what: `In Standby in ${group.name}, yet terminated, says EC2: ${list(ids(dead))}.`,
        risk: 'The group counts on machines that do not exist; a rollback has to launch in their place.',
        mend:
          open?.stage === 'parked'
            ? `switchover finish ${facts.service}, or switchover rollback ${facts.service}`
            : `aws autoscaling detach-instances --auto-scaling-group-name ${group.name} --instance-ids ${batch(ids(dead))} --no-should-decrement-desired-capacity`,
        fix: null,
      },
    ]
  })

/** The parked or idle group protects instances that a rollback or finish is going to end. */
export const protectedAside: Check = ({ groups }) =>
  groups.flatMap((one): Finding[] => {
    const { name, instances } = one.group
    const kept = ids(instances.filter((instance) => instance.protected))
    if (serves(one) || kept.length === 0) return []
    return [
      {
        code: 'protection-left',
        severity: 'note',
        what: `Protected from scale-in in ${name}, which does not serve: ${list(kept)}.`,
        risk: 'Setting the group to 0 leaves them running.',
        mend: `aws autoscaling set-instance-protection --auto-scaling-group-name ${name} --instance-ids ${batch(kept)} --no-protected-from-scale-in`,
        fix: null,
      },
    ]
  })

/** Machines of the service that no group has: detached and never ended, or started by hand. */
export const strayInstances: Check = (facts) => {
  const ending = deploymentOf(facts)?.ending ?? []
  const lost = facts.strays.filter(({ id }) => !ending.includes(id))
  if (lost.length === 0) return []
  const named = lost.map(({ id, state }) => (state === 'running' ? id : `${id} (${state})`))
  const spent = lost.reduce((sum, { launchedAt }) => sum + Math.max(0, facts.now - launchedAt), 0)
  return [
    {
      code: 'outside-groups',
      severity: 'warning',
      what: `With the tag switchover:service=${facts.service} and in no group: ${list(named)}.`,
      risk: `Nobody checks or replaces them, they may still work on queues, and they have cost ${hours(spent)} instance-hours so far.`,
      mend: `aws ec2 terminate-instances --instance-ids ${lost.map(({ id }) => id).join(' ')}`,
      fix: null,
    },
  ]
}
