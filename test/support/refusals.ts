import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import type { AwsClients } from '../../packages/coordinator/src/aws/clients.ts'
import { bucket as Bucket } from '../../packages/coordinator/test/support/account.ts'

/** What may not be touched, the action that is asked for, and the call that asks. */
export type Refusal = [what: string, action: string, call: () => Promise<unknown>]

export const put =
  ({ s3 }: AwsClients, key: string) =>
  () =>
    s3.send(new PutObjectCommand({ Bucket, Key: `switchover/${key}`, Body: '{}' }))
export const get =
  ({ s3 }: AwsClients, key: string) =>
  () =>
    s3.send(new GetObjectCommand({ Bucket, Key: `switchover/${key}` }))
export const remove =
  ({ s3 }: AwsClients, key: string) =>
  () =>
    s3.send(new DeleteObjectCommand({ Bucket, Key: `switchover/${key}` }))
export const tags = (group: string, Key: string, Value = 'x') => ({
  Tags: [{ ResourceId: group, ResourceType: 'auto-scaling-group', Key, Value, PropagateAtLaunch: false }],
})

export async function refusedFor(_what: string, action: string, call: () => Promise<unknown>): Promise<void> {
  await expect(call()).rejects.toThrow(`is not authorized to perform: ${action}`)
}
