import { findPair } from '../aws/groups.ts'
import type { Deployment } from '../decide/deployment.ts'
import { predictSteps } from '../decide/predict.ts'
import { Refusal } from '../events.ts'
import type { ResultEvent } from '../events.ts'
import { planDeployment } from '../preflight/deploy.ts'
import { openRecordStore } from '../record/store.ts'
import { Observer } from '../run/observe.ts'
import type { Ports } from '../run/ports.ts'
import type { DeployOptions } from './options.ts'

/**
 * `deploy --plan`: the steps the same decisions would take from the world as it is now, if all goes well. Reads only, needs
 * no lease.
 * @throws {Refusal} as `deploy` would before it changes anything.
 */
export async function planDeploy(
  ports: Pick<Ports, 'clients' | 'clock' | 'random' | 'emit'>,
  options: DeployOptions,
): Promise<ResultEvent> {
  const { clients, clock, emit } = ports
  const pair = await findPair(clients, options.service)
  const records = openRecordStore(ports, pair.store, options.service)
  const { record } = await records.read()
  const open = record?.deployment ?? null
  if (open && open.stage === 'parked' && options.finishPrevious) return finishedFirst(ports, options, open)
  if (open) refuseOther(options, open)
  const planned = open
    ? { kind: 'deploy' as const, deployment: open, warnings: [] }
    : await planDeployment(clients, options, { id: 'plan', now: records.clock.now(), pair })
  for (const text of planned.warnings) emit({ event: 'warning', at: clock.now(), text })
  if (planned.kind === 'nothing-to-do') return resultOf(ports, planned.sentence, 0)
  const observer = new Observer(clients, pair.store, records.clock, options.service)
  const steps = predictSteps(await observer.observe(planned.deployment))
  for (const { step, text } of steps) emit({ event: 'plan', at: clock.now(), text, step })
  const summary = `${options.version} would be deployed to ${planned.deployment.new.name} in ${steps.length} steps; nothing was changed.`
  return resultOf(ports, summary, steps.length)
}

/** The same deployment given again goes on; everything else that is open is in the way. */
function refuseOther({ service, version }: DeployOptions, open: Deployment): void {
  if (open.stage === 'running' && open.goal === 'deploy' && open.version === version) return
  const sentence =
    open.stage === 'parked'
      ? `The deployment of ${open.version} is still parked: finish it, or give --finish-previous.`
      : `A deployment of ${open.version} to ${service} is open (${open.goal}, ${open.stage}).`
  const next = open.stage === 'running' ? 'resume' : open.stage === 'held' ? 'rollback' : 'finish'
  throw new Refusal(4, 'refused', sentence, `switchover ${next} ${service}`)
}

/** Which group is idle after it is known only then, so no more is foretold. */
function finishedFirst(
  ports: Pick<Ports, 'clock' | 'emit'>,
  { version }: DeployOptions,
  open: Deployment,
): ResultEvent {
  const text = `Finish the deployment of ${open.version}: end the parked instances of ${open.old.name}.`
  ports.emit({ event: 'plan', at: ports.clock.now(), text, step: 'finish' })
  return resultOf(
    ports,
    `${version} would be deployed to ${open.old.name} after that; nothing was changed.`,
    1,
  )
}

function resultOf({ clock }: Pick<Ports, 'clock'>, text: string, steps: number): ResultEvent {
  return {
    event: 'result',
    at: clock.now(),
    text,
    outcome: 'done',
    exitCode: 0,
    next: null,
    details: { plan: true, steps },
  }
}
