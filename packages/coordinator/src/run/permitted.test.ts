import { SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling'
import { inProcessHandler } from '@switchover/local-aws/in-process'
import { expect, test } from 'vitest'
import { bucket, createAccount, stopped } from '../../test/support/account.ts'
import { createClients } from '../aws/clients.ts'
import { beforeDeploy } from '../decide/fixture.ts'
import { HeldLease, StalePermission } from '../record/lease.ts'
import { openRecordStore } from '../record/store.ts'
import { sendPermitted } from './permitted.ts'

test("a process that slept does not send the SDK's own retry of a call once its permission has run out", async () => {
  const account = await createAccount()
  const clock = stopped(account.time)
  const ports = { ...account, clock, random: () => 0 }
  const store = openRecordStore(ports, { bucket, prefix: '' }, 'web')
  const stored = await store.read()
  const { deployment } = beforeDeploy()
  const lease = await HeldLease.acquire(
    { store, clock, owner: 'a', leaseMs: 30_000, service: 'web' },
    stored,
    deployment,
  )
  let attempts = 0
  const { autoScaling } = createClients({
    region: account.cloud.region,
    transport: {
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
      requestHandler: inProcessHandler(account.cloud, async () => {
        attempts += 1
        await account.time.advance(60_000)
        return null
      }),
    },
  })
  const command = new SuspendProcessesCommand({
    AutoScalingGroupName: 'web-blue',
    ScalingProcesses: ['Launch'],
  })
  const sent = sendPermitted(lease, command, (options) => autoScaling.send(command, options))
  await expect(sent).rejects.toThrow(StalePermission)
  expect(attempts).toBe(1)
})
