import type { Deployment } from '@switchover/contract/deployment'
import { Refusal, type ResultEvent } from '../events.ts'
import { finishKept, turnTo } from '../decide/start.ts'
import { refuseRinging } from '../preflight/alarms.ts'
import type { Ports } from '../run/ports.ts'
import type { FinishOptions } from './options.ts'
import { explained, goingOn, inTheWay, openService, refuseIfLocked, takeAndRun } from './service.ts'

/**
 * Ends the parked fleet; from then on there is no way back. After `rollback --keep`, what was kept.
 * @throws {Refusal} (2) nothing to finish, or an alarm rings · (3) locked · (4) the deployment is not at its end · and what the run throws.
 */
export function finish(ports: Ports, options: FinishOptions): Promise<ResultEvent> {
  const { service } = options
  return explained(`finishing ${service}`, async () => {
    const open = await openService(ports, service)
    refuseIfLocked(open, service)
    const deployment = open.stored.record?.deployment
    if (!deployment) {
      const sentence = `There is nothing to finish: no deployment of ${service} is open.`
      throw new Refusal(2, 'refused', sentence, `switchover status ${service}`)
    }
    const now = open.store.clock.now()
    if (deployment.goal === 'finish') return takeAndRun(ports, open, options, goingOn(deployment, now))
    if (deployment.stage === 'kept') return takeAndRun(ports, open, options, finishKept(deployment, now))
    if (!canFinish(deployment)) throw inTheWay(deployment)
    if (!options.ignoreAlarms)
      await refuseRinging(
        ports.clients,
        deployment.flags.alarms,
        `switchover rollback ${service}, or switchover finish ${service} --ignore-alarms`,
      )
    return takeAndRun(ports, open, options, turnTo(deployment, 'finish', now))
  })
}

/** Parked, or waiting beside the parked fleet: for the end of the bake, or the time to finish. */
function canFinish({ goal, stage, marks, first }: Deployment): boolean {
  return goal === 'deploy' && !first && (stage === 'parked' || marks.bakeAt !== null)
}
