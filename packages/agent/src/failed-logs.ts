import type { ContainerView } from './decide/observation.ts'
import { isCompleted } from './decide/health.ts'
import type { Knowledge } from './knowledge.ts'
import type { Parts } from './parts.ts'
import { redactLines } from './redact.ts'
import type { ServiceLog, Status } from './status.ts'

const linesMax = 100
const lineMax = 2_000
const containersMax = 5

/** Last lines of the containers a failure is about: those that do not run well, else those of the pinned services. */
export async function failedLogs(parts: Parts, knowledge: Knowledge, status: Status): Promise<ServiceLog[]> {
  const { engine, plan } = knowledge
  const code = status.reason?.code ?? ''
  if (engine === null || plan === null || !/^(app|compose)-/.test(code)) return []
  const unwell = engine.containers.filter((container) => isUnwell(container))
  const pinned = engine.containers.filter((container) =>
    plan.pinned.some((image) => image.service === container.service),
  )
  const chosen = (unwell.length > 0 ? unwell : pinned).slice(0, containersMax)
  const logs = await Promise.all(chosen.map((container) => logOf(parts, container)))
  return logs.filter((log) => log.lines.length > 0)
}

function isUnwell(container: ContainerView): boolean {
  return container.health === 'unhealthy' || (container.state !== 'running' && !isCompleted(container))
}

async function logOf(parts: Parts, { id, service }: ContainerView): Promise<ServiceLog> {
  try {
    const lines = await parts.engine.logs(id, linesMax)
    return { service, lines: redactLines(lines).map((line) => line.slice(0, lineMax)) }
  } catch {
    return { service, lines: [] }
  }
}
