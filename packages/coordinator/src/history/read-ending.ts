import { GetObjectCommand } from '@aws-sdk/client-s3'
import { deploymentSchema } from '@switchover/contract/deployment'
import { storeKeys, type StoreLocation } from '@switchover/contract/store'
import { z } from 'zod'
import type { AwsClients } from '../aws/clients.ts'
import { isMissingObject } from '../aws/errors.ts'
import { outcomes } from './entry.ts'

const endingSchema = z.object({
  outcome: z.enum(outcomes),
  /** Milliseconds since the epoch, by the store's clock. */
  endedAt: z.number(),
  kept: z.array(z.object({ group: z.string(), field: z.string(), value: z.string(), original: z.string() })),
  deployment: deploymentSchema,
})

/** How one deployment ended; null where the store does not say, or not in words of this version. */
export async function readEnding(
  { s3 }: Pick<AwsClients, 's3'>,
  { bucket, prefix }: StoreLocation,
  service: string,
  id: string,
): Promise<z.infer<typeof endingSchema> | null> {
  try {
    const { Body } = await s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: storeKeys(prefix, service).history(id) }),
    )
    const text = (await Body?.transformToString('utf-8')) ?? ''
    return endingSchema.safeParse(JSON.parse(text)).data ?? null
  } catch (error) {
    if (error instanceof SyntaxError || isMissingObject(error)) return null
    throw error
  }
}
