import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { eventSchema } from '@switchover/contract/event'
import type { Cloud } from '@switchover/local-aws/cloud'
import type { RolePolicies } from '@switchover/local-aws/iam/access'
import { createCloud } from '@switchover/local-aws/create-cloud'
import { inProcessHandler } from '@switchover/local-aws/in-process'
import { noMachines } from '@switchover/local-aws/instances/none'
import type { MachineKind } from '@switchover/local-aws/instances/kind'
import { seededRandom } from '@switchover/local-aws/seeded-random'
import { SimulatedClock } from '@switchover/local-aws/simulated-clock'
import type { Timing } from '@switchover/local-aws/timing'
import type { Intercept } from '@switchover/local-aws/wire/intercept'
import { createClients, type AwsClients } from '../../src/aws/clients.ts'
import type { Clock } from '../../src/clock.ts'
import type { Event } from '../../src/events.ts'
import type { Ports } from '../../src/run/ports.ts'
import { UncheckedSigner } from './unchecked-signer.ts'

export const bucket = 'store'

/** An account on simulated time, in this process, reached by the real SDK clients. */
export type Account = {
  cloud: Cloud
  time: SimulatedClock
  clock: Clock
  clients: AwsClients
  /** Stands between the clients and the account while it is set. */
  intercept: Intercept | null
  /** Clients of another process, with what stands between them and the account, and of an administrator unless told otherwise. */
  connect(through: Intercept, accessKeyId?: string): AwsClients
  /** Runs what waits on the simulated clock until `work` is done. */
  run<T>(work: Promise<T>, limitMs?: number): Promise<T>
}

/** @param options.seed of everything the account leaves to chance */
export async function createAccount(
  options: {
    machines?: (cloud: Cloud) => MachineKind
    timing?: Partial<Timing>
    seed?: number
    policies?: RolePolicies
    onRefused?: (sentence: string) => void
  } = {},
): Promise<Account> {
  const time = new SimulatedClock()
  const {
    machines = () => noMachines,
    timing = {},
    seed = 1,
    policies,
    onRefused = () => undefined,
  } = options
  const access = policies ? { policies, onRefused } : {}
  const cloud = createCloud({ clock: time, random: seededRandom(seed), machines, timing, ...access })
  const connect = (through: Intercept, accessKeyId = 'AKIDEXAMPLE', cacheMiddleware = true) =>
    createClients({
      region: cloud.region,
      transport: {
        requestHandler: inProcessHandler(cloud, through),
        credentials: { accessKeyId, secretAccessKey: 'secret' },
        // The SDK waits between its tries, and before them once throttled, on the real clock, which stands still here.
        maxAttempts: 1,
        retryMode: 'standard',
        signerConstructor: UncheckedSigner,
        // What the SDK would look for in environment and files with every new client.
        defaultsMode: 'legacy',
        useFipsEndpoint: false,
        useDualstackEndpoint: false,
        userAgentAppId: async () => undefined,
        cacheMiddleware,
      },
    })
  // Commands with different clocks share these, which each looks for the store's time in its own way.
  const clients = connect(
    (call, proceed, request) => (account.intercept ? account.intercept(call, proceed, request) : proceed()),
    'AKIDEXAMPLE',
    false,
  )
  const account: Account = {
    cloud,
    time,
    clock: simulated(time),
    clients,
    connect,
    intercept: null,
    async run(work, limitMs = 7_200_000) {
      let done = false
      const settled = work.finally(() => {
        done = true
      })
      settled.catch(() => undefined)
      await time.runUntil(() => done, limitMs)
      return settled
    },
  }
  // The first call of a client reads configuration from the disk; after it nothing waits but on the account.
  await clients.s3.send(new CreateBucketCommand({ Bucket: bucket }))
  return account
}

export function simulated(time: SimulatedClock): Clock {
  const start = time.now()
  return {
    now: () => time.now(),
    monotonic: () => time.now() - start,
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        // As a timer does: whole milliseconds.
        const cancel = time.after(Math.ceil(ms), finished)
        function finished() {
          cancel()
          signal?.removeEventListener('abort', finished)
          resolve()
        }
        signal?.addEventListener('abort', finished)
      })
    },
  }
}

/** The clock of a process that was stopped: time goes on, its timers do not fire. */
export function stopped(time: SimulatedClock): Clock {
  return {
    ...simulated(time),
    sleep: (_, signal) =>
      new Promise((resolve) => {
        signal?.addEventListener('abort', () => resolve())
      }),
  }
}

/** Ports of one coordinator process on an account. */
export function portsOf(account: Account, owner: string): Ports & { events: Event[]; stop: AbortController } {
  const events: Event[] = []
  const stop = new AbortController()
  return {
    clients: account.clients,
    clock: account.clock,
    random: () => 0.5,
    emit: (event) => events.push(eventSchema.parse(event)),
    owner,
    // Fewer looks than in earnest: what they see is the same.
    pollMs: 5_000,
    interrupt: stop.signal,
    events,
    stop,
  }
}
