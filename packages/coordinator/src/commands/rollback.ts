import { Refusal, type ResultEvent } from '../events.ts'
import { turnTo } from '../decide/start.ts'
import type { Ports } from '../run/ports.ts'
import type { CommonOptions } from './options.ts'
import { explained, goingOn, inTheWay, openService, refuseIfLocked, takeAndRun } from './service.ts'

/**
 * Brings the old fleet back, from whatever point the deployment has reached.
 * @throws {Refusal} (2) nothing to roll back · (3) locked · (4) a finish has begun · and what the run itself throws.
 */
export function rollback(ports: Ports, options: CommonOptions): Promise<ResultEvent> {
  const { service } = options
  return explained(`rolling back ${service}`, async () => {
    const open = await openService(ports, service)
    refuseIfLocked(open, service)
    const deployment = open.stored.record?.deployment
    if (!deployment) throw nothingOpen(service)
    if (deployment.goal === 'finish') throw inTheWay(deployment)
    const now = open.store.clock.now()
    const turned =
      deployment.goal === 'rollback' ? goingOn(deployment, now) : turnTo(deployment, 'rollback', now)
    return takeAndRun(ports, open, options, turned)
  })
}

function nothingOpen(service: string): Refusal {
  return new Refusal(
    2,
    'refused',
    `There is nothing to roll back: no deployment of ${service} is open.`,
    `switchover deploy ${service} VERSION`,
  )
}
