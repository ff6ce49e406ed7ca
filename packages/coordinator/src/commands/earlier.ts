import { goesForward, type Deployment } from '@switchover/contract/deployment'
import { Refusal } from '../events.ts'
import { refuseRinging } from '../preflight/alarms.ts'
import { planDeployment, type Planned } from '../preflight/deploy.ts'
import { finished } from '../preflight/finished.ts'
import type { Ports } from '../run/ports.ts'
import type { DeployOptions } from './options.ts'
import { inTheWay, type OpenService } from './service.ts'

/**
 * An interrupted deploy that is asked for again goes on; the flags of its beginning hold.
 * @throws {Refusal} (4) where what is open is anything else.
 */
export function refuseOther(earlier: Deployment, options: DeployOptions): void {
  if (!isSame(earlier, options)) throw earlierOpen(earlier, options)
}

function isSame(earlier: Deployment, { version, bundle, expectedDigest }: DeployOptions): boolean {
  const sameBundle = bundle === null || bundle === 'latest' || bundle === earlier.bundle
  const sameDigest = !expectedDigest || Object.values(earlier.digests).includes(expectedDigest)
  const onItsWay = earlier.stage === 'running' && goesForward(earlier.goal)
  return onItsWay && earlier.version === version && sameBundle && sameDigest
}

/** Whether `--finish-previous` may end what is left of it. */
export function canFinishBefore({ stage }: Deployment): boolean {
  return stage === 'parked' || stage === 'kept'
}

function earlierOpen(earlier: Deployment, { service, version }: DeployOptions): Refusal {
  if (earlier.stage === 'kept')
    return new Refusal(
      4,
      'held',
      `${earlier.version} was rolled back on ${service}, and instances of it are still kept in ${earlier.new.name}: finish that first.`,
      `switchover finish ${service}, or switchover deploy ${service} ${version} --finish-previous`,
    )
  if (earlier.stage !== 'parked') return inTheWay(earlier)
  return new Refusal(
    4,
    'held',
    `${service} runs ${earlier.version}, and the fleet before it is still parked: finish that first.`,
    `switchover finish ${service}, or switchover deploy ${service} ${version} --finish-previous`,
  )
}

/**
 * What would be deployed once the earlier deployment is finished.
 * @throws {Refusal} (2) where it cannot be finished, or the version not be deployed after it.
 */
export async function planAfter(
  { clients }: Pick<Ports, 'clients'>,
  options: DeployOptions,
  { pair, store }: Pick<OpenService, 'pair' | 'store'>,
  earlier: Deployment,
): Promise<Planned> {
  if (!options.ignoreAlarms && earlier.stage === 'parked')
    await refuseRinging(clients, earlier.flags.alarms, `switchover rollback ${earlier.service}`)
  return planDeployment(clients, options, {
    id: 'plan',
    now: store.clock.now(),
    pair: finished(pair, earlier),
  })
}
