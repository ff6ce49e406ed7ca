import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { recordSchema, type DeploymentRecord } from '@switchover/contract/deployment'
import { bucket, type Account } from './account.ts'
import type { Service } from './fleet.ts'

/** The record of `web`, as the next coordinator would find it. */
export async function recordOf({ clients }: Pick<Account, 'clients'>): Promise<DeploymentRecord> {
  return recordSchema.parse(await objectAt({ clients }, 'p/web/deployment.json'))
}

export async function objectAt({ clients }: Pick<Account, 'clients'>, Key: string): Promise<unknown> {
  const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: bucket, Key }))
  return JSON.parse((await Body?.transformToString()) ?? '')
}

export async function keysUnder({ clients }: Pick<Account, 'clients'>, Prefix: string): Promise<string[]> {
  const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }))
  return Contents.flatMap(({ Key }) => Key ?? [])
}

/** Keys of the deployments of `web` that have ended, without what their runs saw. */
export async function endedOf(service: Pick<Account, 'clients'>): Promise<string[]> {
  const keys = await keysUnder(service, 'p/web/history/')
  return keys.filter((key) => /^[^/]+\.json$/.test(key.slice('p/web/history/'.length)))
}

/** A group in the words tests compare. */
export async function groupOf(service: Pick<Service, 'group'>, name: string) {
  const {
    MinSize,
    MaxSize,
    DesiredCapacity,
    Instances = [],
    SuspendedProcesses = [],
    Tags = [],
  } = await service.group(name)
  return {
    sizes: [MinSize, MaxSize, DesiredCapacity],
    ids: Instances.map(({ InstanceId }) => InstanceId),
    states: Instances.map(({ LifecycleState }) => LifecycleState),
    protected: Instances.map(({ ProtectedFromScaleIn }) => ProtectedFromScaleIn),
    suspended: SuspendedProcesses.map(({ ProcessName }) => ProcessName ?? '').toSorted(),
    /** Of the deployment only whether there is one: its id differs from run to run. */
    tags: Tags.map(({ Key, Value }) =>
      Key === 'switchover:deployment' ? Key : `${Key}=${Value}`,
    ).toSorted(),
  }
}
