import { goesForward } from '@switchover/contract/deployment'
import { formatDuration } from '@switchover/contract/duration'
import { count } from '../../decide/words.ts'
import { standby } from '../../decide/fleet.ts'
import type { Check, Finding } from './finding.ts'
import { dayMs, deploymentOf, hours } from './views.ts'

/** Somebody acts: what else is found may be of that moment. */
export const atWork: Check = ({ record, now, service }) => {
  const lease = record?.lease
  if (!lease || lease.expiresAt <= now) return []
  return [
    {
      code: 'at-work',
      severity: 'note',
      what: `${lease.owner} is at work on ${service} just now.`,
      risk: 'What else is found may be of the moment; nothing is mended meanwhile.',
      mend: `switchover status ${service} --watch`,
      fix: null,
    },
  ]
}

/** Nobody goes on with what is not at rest. */
export const interrupted: Check = (facts) => {
  const { record, now, service } = facts
  const deployment = deploymentOf(facts)
  const lease = record?.lease ?? null
  if (deployment?.stage !== 'running' || (lease && lease.expiresAt > now)) return []
  return [
    {
      code: 'interrupted',
      severity: 'danger',
      what: `The ${deployment.goal} of ${deployment.version} was interrupted${lease ? `; the lease of ${lease.owner} has run out` : ''}.`,
      risk: 'Sizes, suspensions and traffic stay as they were at that moment, and may be paid for twice.',
      mend: `switchover resume ${service}`,
      fix: null,
    },
  ]
}

/** A lease that ran out with nothing under way: its holder died after the work was done. */
export const expiredLease: Check = (facts) => {
  const lease = facts.record?.lease
  if (!lease || lease.expiresAt > facts.now || deploymentOf(facts)?.stage === 'running') return []
  return [
    {
      code: 'expired-lease',
      severity: 'warning',
      what: `The lease of ${lease.owner} ran out and was never given back.`,
      risk: 'None but the look of it: the next command takes over.',
      mend: `switchover doctor ${facts.service} --fix`,
      fix: { kind: 'give-back' },
    },
  ]
}

export const held: Check = (facts) => {
  const deployment = deploymentOf(facts)
  if (deployment?.stage !== 'held') return []
  const why = deployment.failure?.sentence ?? 'the record does not say why.'
  return [
    {
      code: 'held',
      severity: 'danger',
      what: `The ${deployment.goal} of ${deployment.version} is held: ${why}`,
      risk: 'Both fleets stay as they are until a person decides.',
      mend: goesForward(deployment.goal)
        ? `switchover rollback ${facts.service}, or switchover resume ${facts.service}`
        : `switchover resume ${facts.service}`,
      fix: null,
    },
  ]
}

/** Its age and what it has cost; no price, for only the bill knows that. */
export const parkedFleet: Check = (facts) => {
  const deployment = deploymentOf(facts)
  const old = facts.groups.find(({ group }) => group.name === deployment?.old.name)
  if (deployment?.stage !== 'parked' || !old) return []
  const fleet = standby(old.group).length
  const age = Math.max(0, facts.now - (deployment.marks.switchedAt ?? deployment.startedAt))
  return [
    {
      code: 'parked-fleet',
      severity: age > dayMs ? 'warning' : 'note',
      what: `${count(fleet, 'instance')} of ${deployment.previousVersion ?? 'the version before'} parked in ${old.group.name} for ${formatDuration(age)}.`,
      risk: `Paid for and idle, ${hours(age * fleet)} instance-hours so far; it is what makes rollback quick.`,
      mend: `switchover finish ${facts.service}`,
      fix: null,
    },
  ]
}

/** Canaries and kept instances are for a while. */
export const unfinished: Check = (facts): Finding[] => {
  const deployment = deploymentOf(facts)
  if (!deployment || (deployment.stage !== 'canary' && deployment.stage !== 'kept')) return []
  const age = facts.now - deployment.marks.begunAt
  if (age <= dayMs) return []
  const { version, stage } = deployment
  const canary = stage === 'canary'
  return [
    {
      code: canary ? 'old-canary' : 'old-keep',
      severity: 'warning',
      what: canary
        ? `Canaries of ${version} have served for ${formatDuration(age)}, and nobody has promoted or ended them.`
        : `Instances of ${version} have been kept after its rollback for ${formatDuration(age)}.`,
      risk: canary
        ? 'Two versions answer requests, and no other deployment can begin.'
        : 'They are paid for, and no other deployment can begin.',
      mend: canary
        ? `switchover promote ${facts.service}, or switchover rollback ${facts.service}`
        : `switchover finish ${facts.service}`,
      fix: null,
    },
  ]
}
