import { examine, type Subject } from '../doctor/examine.ts'
import { diagnose } from '../doctor/findings/diagnose.ts'
import type { Finding } from '../doctor/findings/finding.ts'
import { fixable, mend } from '../doctor/mend.ts'
import { count, list } from '../decide/words.ts'
import type { ResultEvent } from '../events.ts'
import { lockedBy, stands } from '../record/lease.ts'
import type { Ports } from '../run/ports.ts'
import { explained } from './service.ts'

export type DoctorOptions = Subject & Readonly<{ fix: boolean; leaseMs: number }>

export type DoctorResult = ResultEvent & {
  details: {
    service: string
    /** What is left, worst first. */
    findings: readonly (Omit<Finding, 'fix'> & { fixable: boolean })[]
    /** Codes of what was mended in this run. */
    mended: readonly string[]
  }
}

/** What is found, as data and as people read it. */
export type Diagnosis = Readonly<{ result: DoctorResult; findings: readonly Finding[] }>

/**
 * `switchover doctor SERVICE [--fix]`: every leftover of a service in whatever state. Without `fix` nothing is changed.
 * Exit 0 where nobody needs to see to anything, 4 where a person must.
 * @throws {Refusal} (2) no such service · (3) with `fix`, somebody is at work · (130) interrupted.
 */
export function doctor(ports: Ports, options: DoctorOptions): Promise<Diagnosis> {
  const { service, fix } = options
  return explained(`examining ${service}`, async () => {
    const found = await examine(ports, options)
    const now = found.facts.now
    const lease = found.record?.stored.record?.lease
    if (fix && stands(lease, now)) throw lockedBy(service, lease, now)
    const mended = fix ? await mend(ports, options, found) : []
    const findings = diagnose(mended.length > 0 ? (await examine(ports, options)).facts : found.facts)
    return { findings, result: resultOf(ports.clock.now(), service, findings, mended) }
  })
}

function resultOf(
  at: number,
  service: string,
  findings: readonly Finding[],
  mended: readonly string[],
): DoctorResult {
  const forPerson = findings.filter(({ severity }) => severity !== 'note')
  const canFix = fixable(findings).length
  const did = mended.length === 0 ? '' : ` Mended: ${list(mended, 20)}.`
  const left =
    forPerson.length === 0
      ? `${service}: nothing to see to.`
      : `${service}: ${count(forPerson.length, 'thing')} to see to.`
  return {
    event: 'result',
    at,
    text: left + did,
    outcome: forPerson.length === 0 ? 'done' : 'held',
    exitCode: forPerson.length === 0 ? 0 : 4,
    next: canFix > 0 ? `switchover doctor ${service} --fix` : null,
    details: {
      service,
      findings: findings.map(({ fix, ...finding }) => ({ ...finding, fixable: fix !== null })),
      mended,
    },
  }
}
