import type { ResultEvent } from '../../packages/coordinator/src/events.ts'
import { Refusal } from '../../packages/coordinator/src/events.ts'
import { deploy } from '../../packages/coordinator/src/commands/deploy.ts'
import { doctor } from '../../packages/coordinator/src/commands/doctor.ts'
import { finish } from '../../packages/coordinator/src/commands/finish.ts'
import { promote } from '../../packages/coordinator/src/commands/promote.ts'
import { resume } from '../../packages/coordinator/src/commands/resume.ts'
import { rollback } from '../../packages/coordinator/src/commands/rollback.ts'
import type { Ports } from '../../packages/coordinator/src/run/ports.ts'
import { common, v2 } from '../../packages/coordinator/test/support/options.ts'
import type { Coordinator } from './coordinator.ts'
import type { CommandPlan } from './plan.ts'
import { repository } from './scene.ts'

type Command = CommandPlan['command']

/** How one command ended; null: its process died. */
export type Ended = Readonly<{ exitCode: number; text: string }> | null

type Run = {
  [K in Command['kind']]: (ports: Ports, command: Extract<Command, { kind: K }>) => Promise<ResultEvent>
}

const commands: Run = {
  deploy(ports, { version, flags: planned }) {
    const { canary, bakeS, finishAfterS, timeoutS, ...flags } = planned
    return deploy(ports, {
      ...v2,
      ...flags,
      version,
      image: repository,
      digest: true,
      canary: canary === null ? null : { count: canary },
      bakeMs: bakeS === null ? null : bakeS * 1_000,
      finishAfterMs: finishAfterS === null ? null : finishAfterS * 1_000,
      timeoutMs: timeoutS * 1_000,
    })
  },
  rollback: (ports, { keep, floor }) => rollback(ports, { ...common, keep, floor }),
  finish: (ports) => finish(ports, common),
  promote: (ports) => promote(ports, common),
  resume: (ports) => resume(ports, { ...common, takeOver: false }),
  async doctor(ports) {
    const { result } = await doctor(ports, { ...common, fix: true, registry: v2 })
    return result
  },
}

function run(ports: Ports, command: Command): Promise<ResultEvent> {
  const give = commands[command.kind] as (ports: Ports, command: Command) => Promise<ResultEvent>
  return give(ports, command)
}

/** Gives a command to a process, and waits for it or for the process's death. @throws what is a bug. */
export async function give(process: Coordinator, command: Command): Promise<Ended> {
  const died = new Promise<null>((resolve) => {
    process.onDeath = () => resolve(null)
  })
  const ended = run(process.ports, command).then(
    ({ exitCode, text }) => ({ exitCode, text }),
    (error: unknown) => {
      if (error instanceof Refusal) return { exitCode: error.exitCode, text: error.message }
      throw error
    },
  )
  return Promise.race([ended, died])
}
