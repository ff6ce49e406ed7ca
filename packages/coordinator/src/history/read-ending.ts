import { storeKeys, type StoreLocation } from '@switchover/contract/store'
import * as z from 'zod'
import type { AwsClients } from '../aws/clients.ts'
import { endedSchema } from './entry.ts'
import { parseJson } from '../json.ts'
import { readText } from '../aws/objects.ts'

const endingSchema = endedSchema.extend({
  kept: z.array(z.object({ group: z.string(), field: z.string(), value: z.string(), original: z.string() })),
})

/** How one deployment ended; null where the store does not say, or not in words of this version. */
export async function readEnding(
  clients: Pick<AwsClients, 's3'>,
  { bucket, prefix }: StoreLocation,
  service: string,
  id: string,
): Promise<z.infer<typeof endingSchema> | null> {
  const text = await readText(clients.s3, bucket, storeKeys(prefix, service).history(id))
  return endingSchema.safeParse(parseJson(text ?? '')).data ?? null
}
