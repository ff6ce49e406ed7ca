import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { bucket } from '@switchover/rehearsal/account'
import { measured } from '../bench/coordinator.ts'
import { coordinatorCli } from '../support/coordinator.ts'
import type { LiveService } from '../support/live-service.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** A deployment that nobody disturbs, at one moment of a soak. */
export type Sample = Readonly<{
  deployments: number
  /** Largest resident set of its coordinator, bytes. */
  coordinatorBytes: number
  calls: number
  recordBytes: number
  /** What the local AWS keeps, bytes. */
  accountBytes: number
  storeKeys: number
  /** Of every object in the store. */
  storeBytes: number
}>

const commandLimitMs = 120_000

/** @throws {Error} where the deployment does not end with 0. */
export async function sampleOf(
  service: LiveService,
  args: readonly string[],
  deployments: number,
): Promise<Sample> {
  let calls = 0
  service.intercept(async (_, proceed) => {
    calls += 1
    return proceed()
  })
  const limit = AbortSignal.timeout(commandLimitMs)
  const { memoryBytes } = await measured(coordinatorCli, args, service.env, limit)
  service.intercept(null)
  collectGarbage()
  return {
    deployments,
    coordinatorBytes: memoryBytes,
    calls,
    recordBytes: service.cloud.objects.get(bucket, 'store/web/deployment.json')?.body.byteLength ?? 0,
    accountBytes: process.memoryUsage().heapUsed,
    storeKeys: keysIn(service).length,
    storeBytes: service.cloud.objects.list(bucket).reduce((sum, { body }) => sum + body.byteLength, 0),
  }
}

export function keysIn({ cloud }: LiveService): string[] {
  return cloud.objects.list(bucket).map(({ key }) => key)
}
