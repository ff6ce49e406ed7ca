import { DescribeInstancesCommand } from '@aws-sdk/client-ec2'
import { type _Object, GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3'
import { recordSchema } from '@switchover/contract/deployment'
import { instanceOfReportKey, parseStoreUrl, storeKeys } from '@switchover/contract/store'
import { tagKey } from '@switchover/contract/tags'
import type { Cloud } from '@switchover/local-aws/cloud'
import { closeCloud, createCloud } from '@switchover/local-aws/create-cloud'
import { virtualMachines, type VirtualOptions } from '@switchover/local-aws/instances/virtual'
import { RealClock } from '@switchover/local-aws/real-clock'
import { startServer } from '@switchover/local-aws/server'
import type { Timing } from '@switchover/local-aws/timing'
import type { Call } from '@switchover/local-aws/wire/dispatch'
import type { WireRequest, WireResponse } from '@switchover/local-aws/wire/message'
import * as account from '@switchover/rehearsal/account'
import { CleanUp } from '@switchover/local-aws/clean-up'
import { bringUpService } from './virtual-service.ts'

export type Intercepted = Call & {
  /** read: changes nothing · renewal: the record as it stands with a later end of its lease · change: all else. */
  kind: 'read' | 'renewal' | 'change'
}
type Hand = (
  call: Intercepted,
  proceed: () => Promise<WireResponse>,
  request: WireRequest,
) => Promise<WireResponse | null>

export type LiveServiceOptions = {
  /** That serve v1; 0: both groups are empty and nothing was ever deployed. */
  instances: number
  machines?: Partial<VirtualOptions>
  deregistrationDelayS?: number
  /** What of AWS is to be slower than everything is here. */
  timing?: Partial<Timing>
}

/** A service `web` on virtual instances: v1 serves from web-blue, web-green is empty, v2 is in the registry. */
export type LiveService = AsyncDisposable & {
  cloud: Cloud
  clients: account.Clients
  targetGroupArn: string
  /** Environment of a coordinator that talks to it. */
  env: Record<string, string>
  /** Puts a hand between coordinators and AWS; null takes it away. */
  intercept(hand: Hand | null): void
  /** All that a command leaves behind, in a form that is equal for equal endings. */
  ending(): Promise<Ending>
  /** Both groups and every object of the store but the agents' reports, which come by the clock. */
  everything(): Promise<unknown>
}

export type Ending = {
  groups: Record<string, GroupEnding>
  /** Machines that run and belong to no group. */
  strays: string[]
  lease: unknown
  /** Of the open deployment, null where none is open. */
  stage: string | null
  /** How the deployments that ended did so, oldest first. */
  history: string[]
  /** Reports of instances that are gone. */
  orphanReports: string[]
  healthyTargets: number
}

type GroupEnding = {
  min: number
  max: number
  desired: number
  suspended: string[]
  tags: Record<string, string>
  lifecycles: string[]
}

/** In the background AWS is quick here, and so are the machines: these tests wait for hundreds of deployments. */
export const timing = {
  reactMs: 20,
  healthCheckMs: 500,
  stateMs: 0,
  exitStandbyMs: 20,
  registrationMs: 10,
  networkRegistrationMs: 10,
  tagLagMs: 50,
  metadataLagMs: 0,
}
export const machines: Partial<VirtualOptions> = {
  launchMs: 20,
  bootMs: 50,
  pullMs: 20,
  appMs: 20,
  drainMs: 20,
  pollMs: 50,
}

export async function liveService(options: LiveServiceOptions): Promise<LiveService> {
  const closing = new CleanUp()
  const cloud = createCloud({
    clock: new RealClock(),
    random: Math.random,
    machines: (cloud) => virtualMachines(cloud, { ...machines, ...options.machines }),
    timing: { ...timing, ...options.timing },
  })
  closing.add(() => closeCloud(cloud))
  let hand: Hand | null = null
  const server = await startServer(cloud, {
    host: '127.0.0.1',
    port: 0,
    intercept: async (call, proceed, request) =>
      hand === null ? proceed() : hand({ ...call, kind: kindOf(cloud, call, request) }, proceed, request),
    onBug: (error) => console.error(error),
  })
  closing.add(() => server.close())
  const clients = account.createClients(server.url, cloud.region)
  const { instances, deregistrationDelayS = 0 } = options
  const targetGroupArn = await bringUpService(cloud, server.url, {
    instances,
    maxSize: Math.max(4, instances * 2),
    versions: ['v1', 'v2'],
    healthIntervalS: 5,
    deregistrationDelayS,
  })
  return {
    cloud,
    clients,
    targetGroupArn,
    env: { ...account.accountEnv(server.url, cloud.region), SWITCHOVER_POLL_MS: '100' },
    intercept: (next) => {
      hand = next
    },
    ending: () => endingOf(clients, targetGroupArn),
    everything: async () => ({
      groups: await Promise.all(account.groupNames.map((name) => account.groupState(clients, name))),
      objects: (await listObjects(clients, '')).filter(({ Key = '' }) => !Key.includes('/reports/')),
    }),
    [Symbol.asyncDispose]: () => closing.run(),
  }
}

function kindOf(cloud: Cloud, call: Call, request: WireRequest): Intercepted['kind'] {
  if (/^(Describe|Get|List|Head|BatchGet)/.test(call.operation)) return 'read'
  const [, bucket = '', ...key] = decodeURIComponent(request.path).split('/')
  if (call.operation !== 'PutObject' || bucket !== account.bucket) return 'change'
  const stored = cloud.objects.get(bucket, key.join('/'))
  const same = stored !== null && withoutLeaseEnd(stored.body) === withoutLeaseEnd(request.body)
  return same ? 'renewal' : 'change'
}

/** Only the record of a service holds a lease; any other body stays what it is. */
function withoutLeaseEnd(body: Uint8Array): string {
  return Buffer.from(body)
    .toString('utf8')
    .replace(/"expiresAt":\s*\d+/, '')
}

async function endingOf(clients: account.Clients, targetGroupArn: string): Promise<Ending> {
  const keys = storeKeys(parseStoreUrl(account.store)?.prefix ?? '', account.service)
  const groups = Object.fromEntries(
    await Promise.all(
      account.groupNames.map(async (name) => [name, await account.groupState(clients, name)] as const),
    ),
  )
  const members = new Set(Object.values(groups).flatMap((group) => Object.keys(group.instances)))
  const { Reservations = [] } = await clients.ec2.send(new DescribeInstancesCommand({}))
  // One that is shutting down has been ended already: how soon that shows depends on who looks.
  const running = Reservations.flatMap((reservation) => reservation.Instances ?? []).filter(
    (instance) => !['shutting-down', 'terminated'].includes(instance.State?.Name ?? ''),
  )
  const record = recordSchema.nullable().parse(await readJson(clients, keys.record))
  const ended = (await list(clients, keys.historyPrefix)).filter(
    (key) => !key.slice(keys.historyPrefix.length).includes('/'),
  )
  const history = await Promise.all(
    ended.map(async (key) => {
      const entry = (await readJson(clients, key)) as { outcome: string; endedAt: number }
      return { ...entry, key }
    }),
  )
  const reports = (await list(clients, keys.reportsPrefix)).map((key) => instanceOfReportKey(key) ?? key)
  return {
    groups: Object.fromEntries(Object.entries(groups).map(([name, state]) => [name, groupEnding(state)])),
    strays: running.map((instance) => instance.InstanceId ?? '').filter((id) => !members.has(id)),
    lease: record?.lease ?? null,
    stage: record?.deployment?.stage ?? null,
    history: history.toSorted((a, b) => a.endedAt - b.endedAt).map((entry) => entry.outcome),
    orphanReports: reports.filter((id) => !members.has(id)),
    healthyTargets: (await account.healthyTargets(clients, targetGroupArn)).length,
  }
}

/** Instance ids and the deployment's id differ from run to run; what they are like does not. */
function groupEnding({ instances, tags, ...sizes }: account.GroupState): GroupEnding {
  const { [tagKey.deployment]: deployment, ...others } = tags
  return {
    ...sizes,
    tags: deployment === undefined ? others : { ...others, [tagKey.deployment]: 'an id' },
    lifecycles: Object.values(instances).toSorted(),
  }
}

async function list(clients: account.Clients, prefix: string): Promise<string[]> {
  return (await listObjects(clients, prefix)).map((object) => object.Key ?? '')
}

async function listObjects(clients: account.Clients, prefix: string): Promise<_Object[]> {
  const found: _Object[] = []
  const pages = paginateListObjectsV2({ client: clients.s3 }, { Bucket: account.bucket, Prefix: prefix })
  for await (const { Contents = [] } of pages) found.push(...Contents)
  return found
}

async function readJson(clients: account.Clients, key: string): Promise<unknown> {
  try {
    const object = await clients.s3.send(new GetObjectCommand({ Bucket: account.bucket, Key: key }))
    return JSON.parse((await object.Body?.transformToString()) ?? 'null') as unknown
  } catch (error) {
    if ((error as Error).name === 'NoSuchKey') return null
    throw error
  }
}
