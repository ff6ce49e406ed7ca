import { setTimeout as delay } from 'node:timers/promises'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { closeCloud, createCloud } from '@switchover/local-aws/create-cloud'
import { inProcessHandler } from '@switchover/local-aws/in-process'
import { RealClock } from '@switchover/local-aws/real-clock'
import { seededRandom } from '@switchover/local-aws/seeded-random'
import { startServer } from '@switchover/local-aws/server'
import { createClients } from '../../src/aws/clients.ts'
import { bucket } from './account.ts'
import { fillWithWebService, goodMachines } from './web-service.ts'

const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
/** So many times faster than real: a health check a second or two apart. */
const speed = 50

/** The web service in a local AWS that listens, and what the environment of a process that speaks to it has beside PATH. */
export async function serveWebService(): Promise<{
  env: Record<string, string>
  close: () => Promise<void>
}> {
  const cloud = createCloud({
    clock: new RealClock(speed),
    random: seededRandom(1),
    machines: () => goodMachines,
  })
  const server = await startServer(cloud, { host: '127.0.0.1', port: 0 })
  const env = {
    AWS_ENDPOINT_URL: server.url,
    AWS_REGION: cloud.region,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    SWITCHOVER_POLL_MS: '200',
  }
  const clients = createClients({
    region: cloud.region,
    transport: { requestHandler: inProcessHandler(cloud), credentials: keys },
  })
  await clients.s3.send(new CreateBucketCommand({ Bucket: bucket }))
  await fillWithWebService({ clients, time: { advance: async (ms) => await delay(ms / speed) } })
  return {
    env,
    close: async () => {
      await server.close()
      await closeCloud(cloud)
    },
  }
}
