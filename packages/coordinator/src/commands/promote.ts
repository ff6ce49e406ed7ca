import { readGroups } from '../aws/groups.ts'
import { originals, promoted } from '../decide/start.ts'
import { Refusal, type ResultEvent } from '../events.ts'
import { refuseRinging } from '../preflight/alarms.ts'
import type { Ports } from '../run/ports.ts'
import type { CommonOptions } from './options.ts'
import { explained, goingOn, inTheWay, openService, refuseIfLocked, takeAndRun } from './service.ts'

/**
 * Goes on from a canary to the whole deployment, with the flags it began with.
 * @throws {Refusal} (2) nothing to promote, or an alarm rings · (3) locked · (4) it is on its way back · and what the
 * run itself throws.
 */
export function promote(ports: Ports, options: CommonOptions): Promise<ResultEvent> {
  const { service } = options
  return explained(`promoting the canary of ${service}`, async () => {
    const open = await openService(ports, service)
    refuseIfLocked(open, service)
    const deployment = open.stored.record?.deployment
    if (!deployment) throw nothingToPromote(service, 'no deployment is open')
    const { goal, stage, flags, version } = deployment
    const now = open.store.clock.now()
    if (goal === 'canary') {
      await refuseRinging(ports.clients, flags.alarms, `switchover rollback ${service}`)
      // Live was its own master while the canary ran: what it is like now, after the record was read, is put back later.
      const [live] = await readGroups(ports.clients, [deployment.old.name, deployment.new.name])
      return takeAndRun(ports, open, options, promoted(deployment, originals(live.group), now))
    }
    if (goal !== 'deploy') throw inTheWay(deployment)
    if (flags.canary === null) throw nothingToPromote(service, `${version} is no canary`)
    if (stage === 'parked') throw nothingToPromote(service, `${version} serves alone already`)
    return takeAndRun(ports, open, options, goingOn(deployment, now))
  })
}

function nothingToPromote(service: string, why: string): Refusal {
  const sentence = `There is nothing to promote on ${service}: ${why}.`
  return new Refusal(2, 'refused', sentence, `switchover status ${service}`)
}
