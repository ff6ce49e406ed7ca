import type { Deployment } from '@switchover/contract/deployment'
import { Refusal, type ResultEvent } from '../events.ts'
import { turnTo } from '../decide/start.ts'
import { count, verb } from '../decide/words.ts'
import type { Ports } from '../run/ports.ts'
import type { RollbackOptions } from './options.ts'
import { explained, goingOn, inTheWay, openService, refuseIfLocked, takeAndRun } from './service.ts'

/**
 * Brings the old fleet back, from whatever point the deployment has reached.
 * @throws {Refusal} (2) nothing to roll back · (3) locked · (4) a finish has begun · and what the run itself throws.
 */
export function rollback(ports: Ports, options: RollbackOptions): Promise<ResultEvent> {
  const { service } = options
  return explained(`rolling back ${service}`, async () => {
    const open = await openService(ports, service)
    refuseIfLocked(open, service)
    const deployment = open.stored.record?.deployment
    if (!deployment) throw nothingOpen(service)
    if (deployment.stage === 'kept') throw alreadyBack(deployment)
    if (deployment.goal === 'finish') throw inTheWay(deployment)
    const now = open.store.clock.now()
    const turned =
      deployment.goal === 'rollback' ? goingOn(deployment, now) : turnTo(deployment, 'rollback', now)
    const back = { keep: options.keep ?? turned.back.keep, floor: options.floor ?? turned.back.floor }
    return takeAndRun(ports, open, options, { ...turned, back })
  })
}

function alreadyBack({ service, version, new: fresh, kept }: Deployment): Refusal {
  const sentence = `There is nothing to roll back: ${service} is back already, and ${count(kept.length, 'instance')} of ${version} ${verb(kept.length, 'is', 'are')} kept in ${fresh.name}.`
  return new Refusal(2, 'refused', sentence, `switchover finish ${service}`)
}

function nothingOpen(service: string): Refusal {
  return new Refusal(
    2,
    'refused',
    `There is nothing to roll back: no deployment of ${service} is open.`,
    `switchover deploy ${service} VERSION`,
  )
}
