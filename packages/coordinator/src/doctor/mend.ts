import type { Deployment } from '@switchover/contract/deployment'
import { journalled } from '../decide/journal.ts'
import type { Step } from '../decide/step.ts'
import { Refusal } from '../events.ts'
import { HeldLease, lockedBy, stands } from '../record/lease.ts'
import { act } from '../run/act.ts'
import { describeStep } from '../run/narrate.ts'
import type { Ports } from '../run/ports.ts'
import { examine, type Examined, type Subject } from './examine.ts'
import { diagnose } from './findings/diagnose.ts'
import type { Finding } from './findings/finding.ts'

/** AWS may ask for patience, or have moved on: a step is tried so often before it is left for another run. */
const tries = 10

type Lease = HeldLease<Deployment | null>

/**
 * Mends what can be mended safely, under the lease, by what is found once it is held. Safe to repeat, for what is mended
 * is not found again.
 * @returns the codes of what was seen to
 * @throws {Refusal} (3) somebody is at work, or came first · (130) interrupted.
 */
export async function mend(
  ports: Ports,
  subject: Subject & Readonly<{ leaseMs: number }>,
  { facts, record }: Examined,
): Promise<string[]> {
  if (!record || fixable(diagnose(facts)).length === 0) return []
  const { store, stored } = record
  const { service, leaseMs } = subject
  const held = stored.record?.lease
  if (stands(held, store.clock.now())) throw lockedBy(service, held, store.clock.now())
  if (ports.interrupt.aborted) throw interruptedAt(service)
  const holding = { store, clock: ports.clock, owner: ports.owner, leaseMs, service }
  const lease: Lease = await HeldLease.acquire(holding, stored, stored.record?.deployment ?? null)
  try {
    // Giving the lease back is all that some need, and by now that is certain.
    const mended = fixable(diagnose(facts)).filter(({ fix }) => fix?.kind === 'give-back')
    for (const finding of fixable(diagnose((await examine(ports, subject)).facts))) {
      if (ports.interrupt.aborted) throw interruptedAt(service)
      const steps = finding.fix?.kind === 'steps' ? finding.fix.steps : []
      for (const step of steps) await carryOut(ports, store.clock.now(), lease, step)
      if (steps.length > 0) mended.push(finding)
    }
    return mended.map(({ code }) => code)
  } finally {
    if (!lease.lost.aborted) await lease.release((deployment) => deployment)
  }
}

export function fixable(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ fix }) => fix !== null)
}

/** A step that does not take effect within its tries leaves its finding standing, and the next look shows it. */
async function carryOut(ports: Ports, at: number, lease: Lease, step: Step): Promise<void> {
  const { clients, clock, owner, pollMs, interrupt } = ports
  ports.emit({ event: 'step', at: clock.now(), text: describeStep(step), step: step.kind, why: step.why })
  await lease.update((deployment) => deployment && journalled(deployment, step, at, owner))
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const result = await act({ clients, lease }, step)
    if (result.kind === 'done') return
    await clock.sleep(pollMs, interrupt)
    if (interrupt.aborted) return
  }
}

function interruptedAt(service: string): Refusal {
  return new Refusal(
    130,
    'interrupted',
    'Interrupted; what was mended stays so, and the rest is as it was.',
    `switchover doctor ${service} --fix`,
  )
}
