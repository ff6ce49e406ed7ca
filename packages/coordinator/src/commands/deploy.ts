import type { Deployment } from '@switchover/contract/deployment'
import { findPair } from '../aws/groups.ts'
import { newId } from '../history/deployment-id.ts'
import { Refusal, type ResultEvent } from '../events.ts'
import { planDeployment } from '../preflight/deploy.ts'
import type { Ports } from '../run/ports.ts'
import { nothingToDo } from '../run/results.ts'
import { canFinishBefore, planAfter, refuseOther } from './earlier.ts'
import { finish } from './finish.ts'
import type { DeployOptions } from './options.ts'
import { planDeploy } from './plan.ts'
import { explained, goingOn, openService, refuseIfLocked, takeAndRun, type OpenService } from './service.ts'

/**
 * Brings a version to life on the idle group and parks the old fleet.
 * @throws {Refusal} (2) refused before any change · (3) locked · (4) an earlier deployment is in the way · and what the
 * run itself throws. A deployment that failed and was rolled back is a result with exit code 1.
 */
export function deploy(ports: Ports, options: DeployOptions): Promise<ResultEvent> {
  const { service } = options
  return explained(`deploying ${service}`, async () => {
    if (options.plan) return planDeploy(ports, options)
    const open = await openService(ports, service)
    refuseIfLocked(open, service)
    const earlier = open.stored.record?.deployment
    if (earlier && canFinishBefore(earlier) && options.finishPrevious) {
      // There is no way back from a finish: whatever stands in the way of the new version has to be known before.
      const planned = await planAfter(ports, options, open, earlier)
      if (planned.kind === 'nothing-to-do') return nothingToDo(ports.clock.now(), planned.sentence)
      await finishEarlier(ports, options)
      const after = await openService(ports, service)
      refuseIfLocked(after, service)
      return begin(ports, options, after, earlier)
    }
    if (earlier) {
      refuseOther(earlier, options)
      return takeAndRun(ports, open, options, goingOn(earlier, open.store.clock.now()))
    }
    return begin(ports, options, open, null)
  })
}

/** @param finished what was ended before it */
async function begin(
  ports: Ports,
  options: DeployOptions,
  open: OpenService,
  finished: Deployment | null,
): Promise<ResultEvent> {
  const now = open.store.clock.now()
  const again = async () => findPair(ports.clients, options.service)
  const facts = { id: newId(now, ports.random()), now, pair: open.pair, again }
  const planned = await planDeployment(ports.clients, options, facts)
  for (const text of planned.warnings) ports.emit({ event: 'warning', at: ports.clock.now(), text })
  if (planned.kind === 'nothing-to-do') return nothingToDo(ports.clock.now(), planned.sentence)
  if (finished && ports.interrupt.aborted) throw interruptedAfter(finished, options)
  return takeAndRun(ports, open, options, planned.deployment)
}

function interruptedAfter(finished: Deployment, { service, version }: DeployOptions): Refusal {
  return new Refusal(
    130,
    'interrupted',
    `Interrupted after the finish of ${finished.version}, before anything was changed for ${version}.`,
    `switchover deploy ${service} ${version}`,
  )
}

async function finishEarlier(ports: Ports, options: DeployOptions): Promise<void> {
  const { text, exitCode, outcome, next } = await finish(ports, options)
  if (exitCode !== 0) throw new Refusal(exitCode, outcome, text, next)
  ports.emit({ event: 'progress', at: ports.clock.now(), text })
}
