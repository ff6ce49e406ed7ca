import { PutObjectCommand } from '@aws-sdk/client-s3'
import { storeKeys, type StoreLocation } from '@switchover/contract/store'
import type { AwsClients } from '../aws/clients.ts'
import type { Deployment } from '@switchover/contract/deployment'
import type { StepOf } from '../decide/step.ts'
import type { HeldLease } from '../record/lease.ts'
import { sendPermitted } from './permitted.ts'

export type HistoryEntry = Readonly<{
  schema: 1
  outcome: StepOf<'end'>['outcome']
  /** Milliseconds since the epoch, by the store's clock. */
  endedAt: number
  /** Fields that are not as recorded. */
  kept: StepOf<'end'>['kept']
  deployment: Deployment
}>

/**
 * Writes `history/<id>.json`. Safe to repeat: the key is the deployment's own and a repetition replaces it.
 * The webhook stays out, for its URL is a secret of its own.
 */
export async function writeHistory(
  clients: AwsClients,
  store: StoreLocation,
  entry: HistoryEntry,
  lease: Pick<HeldLease, 'permit'>,
): Promise<void> {
  const { deployment } = entry
  const body: HistoryEntry = {
    ...entry,
    deployment: { ...deployment, flags: { ...deployment.flags, notify: null } },
  }
  const command = new PutObjectCommand({
    Bucket: store.bucket,
    Key: storeKeys(store.prefix, deployment.service).history(deployment.id),
    Body: JSON.stringify(body, null, 1),
    ContentType: 'application/json',
  })
  await sendPermitted(lease, command, (options) => clients.s3.send(command, options))
}
