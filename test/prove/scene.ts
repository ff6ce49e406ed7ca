import { createClients, type AwsClients } from '@switchover/coordinator/aws/clients'
import { systemClock } from '@switchover/coordinator/clock'
import type { Ports } from '@switchover/coordinator/run/ports'
import { recordSchema } from '@switchover/contract/deployment'
import { inProcessHandler } from '@switchover/local-aws/in-process'
import { bucket, keys } from '@switchover/rehearsal/account'
import { explain, killWhen, type Moment } from '../support/kill.ts'
import { liveService, type Ending, type LiveService } from '../support/live-service.ts'
import { until } from '../support/until.ts'
import { serviceIn } from '../simulation/truth.ts'

/** Of every command given: a coordinator's lease is what its heir waits for. */
export const leaseMs = 3_000
export const flags = ['--yes', '--lease', `${leaseMs / 1_000}s`]

/** A service in a local AWS of its own, and a coordinator in this process for what comes before. */
export type Scene = {
  service: LiveService
  clients: AwsClients
  ports: Ports
}

/** All that is compared: what a command leaves behind in groups, store, machines, load balancer, policies and alarms. */
export type End = Ending & { scaling: unknown }

/** What comes before the command that is killed. */
export type Step = (scene: Scene) => Promise<void>

/** Long enough for a rollback to deregister what Auto Scaling is about to end, as it does on AWS. Milliseconds. */
const reactMs = 300

/** The service as the command that is to be killed finds it. */
export async function openScene({
  instances,
  before,
}: Readonly<{ instances: number; before: readonly Step[] }>): Promise<Scene & AsyncDisposable> {
  const service = await liveService({ instances, timing: { reactMs } })
  const clients = createClients({
    region: service.cloud.region,
    transport: { requestHandler: inProcessHandler(service.cloud), credentials: keys },
  })
  const ports: Ports = {
    clients,
    clock: systemClock,
    random: Math.random,
    emit: () => undefined,
    owner: 'whoever came before',
    pollMs: 20,
    interrupt: new AbortController().signal,
  }
  const scene = { service, clients, ports }
  try {
    for (const step of before) await step(scene)
  } catch (error) {
    await service[Symbol.asyncDispose]()
    throw error
  }
  return { ...scene, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() }
}

export async function endOf({ service }: Scene): Promise<End> {
  const { groups, alarms } = serviceIn(service)
  const owned = Object.entries(groups).map(([name, { policies, schedules }]) => ({
    name,
    policies,
    schedules,
  }))
  return { ...(await service.ending()), scaling: { owned, alarms } }
}

/** A command that somebody killed some time ago: its lease has run out. */
export const interrupted =
  (args: readonly string[], moment: Moment, operation: string): Step =>
  async ({ service }) => {
    const killed = await killWhen(
      service,
      [...args, ...flags],
      moment,
      (call) => call.operation === operation,
    )
    if (killed.operation === null) throw new Error(`It ended before ${operation}: ${explain(killed.ended)}`)
    const { objects, clock } = service.cloud
    const expired = (): boolean => {
      const body = objects.get(bucket, 'store/web/deployment.json')?.body
      const record = recordSchema.parse(JSON.parse(Buffer.from(body ?? []).toString()))
      // The store tells the time in whole seconds.
      return (record.lease?.expiresAt ?? 0) + 1_000 <= clock.now()
    }
    await until(expired, 60_000, 'the lease of the one that was killed has run out')
  }
