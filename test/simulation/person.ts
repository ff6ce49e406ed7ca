import type { ResultEvent } from '../../packages/coordinator/src/events.ts'
import { Refusal } from '../../packages/coordinator/src/events.ts'
import { deploy } from '../../packages/coordinator/src/commands/deploy.ts'
import { doctor } from '../../packages/coordinator/src/commands/doctor.ts'
import { finish } from '../../packages/coordinator/src/commands/finish.ts'
import { promote } from '../../packages/coordinator/src/commands/promote.ts'
import { resume } from '../../packages/coordinator/src/commands/resume.ts'
import { rollback } from '../../packages/coordinator/src/commands/rollback.ts'
import type { Ports } from '../../packages/coordinator/src/run/ports.ts'
import { v2 } from '../../packages/coordinator/test/support/options.ts'
import type { Coordinator } from './coordinator.ts'
import type { CommandPlan, ServicePlan } from './plan.ts'
import { repository, watchedAlarm } from './scene.ts'

type Command = CommandPlan['command']

/** How one command ended; null: its process died. */
export type Ended = Readonly<{ exitCode: number; text: string }> | null

const settings = new Set(['slow-drain', 'slow-health-checks', 'short-grace', 'not-looked-at'])

type Given = Readonly<{ service: string; leaseMs: number }>
/** Whether a bundle says which image is deployed. */
type Known = Readonly<{ bundle: boolean }>
type Run = {
  [K in Command['kind']]: (
    ports: Ports,
    given: Given,
    command: Extract<Command, { kind: K }>,
    known: Known,
  ) => Promise<ResultEvent>
}

const commands: Run = {
  deploy(ports, given, { version, flags: planned }, { bundle }) {
    const { canary, bakeS, finishAfterS, timeoutS, alarm, ...flags } = planned
    return deploy(ports, {
      ...v2,
      ...given,
      ...flags,
      version,
      image: bundle || !flags.digest ? null : repository,
      alarms: alarm ? [watchedAlarm] : [],
      ignoreAlarms: true,
      canary: canary === null ? null : { count: canary },
      bakeMs: bakeS === null ? null : bakeS * 1_000,
      finishAfterMs: finishAfterS === null ? null : finishAfterS * 1_000,
      timeoutMs: timeoutS * 1_000,
    })
  },
  rollback: (ports, given, { keep, floor }) => rollback(ports, { ...given, keep, floor }),
  finish: (ports, given) => finish(ports, { ...given, ignoreAlarms: true }),
  promote: (ports, given) => promote(ports, given),
  resume: (ports, given, { takeOver }) => resume(ports, { ...given, takeOver }),
  async doctor(ports, given, { fix }) {
    const { result } = await doctor(ports, { ...given, fix, registry: v2 })
    const found = result.details.findings.filter(({ severity }) => severity !== 'note')
    // Settings are what they are before and after, and what a fault hides is not looked at.
    const left = found.filter(({ code }) => !settings.has(code)).map(({ code, what }) => `${code}: ${what}`)
    return left.length === 0 ? { ...result, exitCode: 0 } : { ...result, text: left.join(' ') }
  },
}

function run(
  ports: Ports,
  command: Command,
  { leaseMs, bundle }: Pick<ServicePlan, 'leaseMs' | 'bundle'>,
): Promise<ResultEvent> {
  const give = commands[command.kind] as (
    ports: Ports,
    given: Given,
    command: Command,
    known: Known,
  ) => Promise<ResultEvent>
  return give(ports, { service: 'web', leaseMs }, command, { bundle })
}

/** Gives a command to a process, and waits for it or for the process's death. @throws what is a bug. */
export async function give(process: Coordinator, command: Command, service: ServicePlan): Promise<Ended> {
  const died = new Promise<null>((resolve) => {
    process.onDeath = () => resolve(null)
  })
  const ended = run(process.ports, command, service).then(
    ({ exitCode, text }) => ({ exitCode, text }),
    (error: unknown) => {
      if (error instanceof Refusal) return { exitCode: error.exitCode, text: error.message }
      throw error
    },
  )
  return Promise.race([ended, died])
}
