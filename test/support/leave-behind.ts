import {
  CreateOrUpdateTagsCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { tagKey } from '@switchover/contract/tags'
import { bucket } from '@switchover/rehearsal/account'
import type { LiveService } from './live-service.ts'

/** For the deployment after it: what serves v2 then has min 1 as its own. */
export async function lowerMin({ clients: { autoScaling } }: LiveService): Promise<void> {
  await autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'web-blue', MinSize: 1 }))
}

/** After a deployment of v2 on two instances has been finished: a suspension, a pin and old tags, as if it had left them. */
export async function leaveBehind(service: LiveService): Promise<void> {
  const { autoScaling } = service.clients
  await autoScaling.send(
    new SuspendProcessesCommand({
      AutoScalingGroupName: 'web-blue',
      ScalingProcesses: ['AlarmNotification', 'AZRebalance'],
    }),
  )
  await endNow(service)
  await autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'web-green', MinSize: 2 }))
  const old = { Key: tagKey.version, Value: 'v1', PropagateAtLaunch: false }
  const bundle = { Key: tagKey.bundle, Value: 'aaaaaaaaaaaa', PropagateAtLaunch: false }
  await autoScaling.send(
    new CreateOrUpdateTagsCommand({
      Tags: [old, bundle].map((tag) => ({
        ...tag,
        ResourceId: 'web-blue',
        ResourceType: 'auto-scaling-group',
      })),
    }),
  )
}

/** Has the deployment that has ended end now, so that what was just done is its own. */
async function endNow({ clients: { s3 }, cloud }: LiveService): Promise<void> {
  const Prefix = 'store/web/history/'
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: bucket, Prefix, Delimiter: '/' }),
  )
  const object = { Bucket: bucket, Key: Contents[0]?.Key ?? '' }
  const { Body } = await s3.send(new GetObjectCommand(object))
  const entry = JSON.parse((await Body?.transformToString()) ?? '') as object
  const changed = JSON.stringify({ ...entry, endedAt: cloud.clock.now() })
  await s3.send(new PutObjectCommand({ ...object, Body: changed }))
}
