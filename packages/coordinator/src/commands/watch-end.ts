import type { Deployment } from '@switchover/contract/deployment'
import type { StoreLocation } from '@switchover/contract/store'
import type { AwsClients } from '../aws/clients.ts'
import type { ResultEvent } from '../events.ts'
import { readEnding } from '../history/read-ending.ts'
import { canaryResult, endResult, heldResult, keptResult, parkedResult } from '../run/results.ts'

type Now = Readonly<{
  /** By the store's clock, and by this machine's. */
  storeNow: number
  at: number
}>

/** The sentence and the exit code of whoever brought a deployment to rest; null while it runs. */
export function restResult(deployment: Deployment, now: Now): ResultEvent | null {
  const ending = { deployment, ...now }
  const { stage, goal, version, kept, service } = deployment
  if (stage === 'running') return null
  if (stage === 'parked') return parkedResult(ending)
  if (stage === 'canary') return canaryResult(ending)
  if (stage === 'kept') return keptResult(ending, { kind: 'settle', stage, kept, ended: [], why: '' }, [])
  const sentence = `The ${goal} of ${version} on ${service} is held.`
  const failure = deployment.failure ?? { code: 'held', sentence, kind: 'terminal' as const }
  return heldResult(ending, { kind: 'settle', stage, failure, why: failure.sentence }, [])
}

/** The same of a deployment that is open no longer. */
export async function endedResult(
  clients: Pick<AwsClients, 's3'>,
  store: StoreLocation,
  { id, service, version }: Pick<Deployment, 'id' | 'service' | 'version'>,
  at: number,
): Promise<ResultEvent> {
  const found = await readEnding(clients, store, service, id)
  if (found) {
    const { deployment, outcome, kept, endedAt } = found
    return endResult(
      { deployment, storeNow: endedAt, at },
      { kind: 'end', outcome, kept, ended: [], why: '' },
      [],
    )
  }
  return {
    event: 'result',
    at,
    text: `The deployment of ${version} on ${service} is open no longer, and its history does not say how it ended.`,
    outcome: 'failed',
    exitCode: 1,
    next: `switchover status ${service}`,
    details: { id },
  }
}
