import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { expect, test } from 'vitest'
import { createCloud } from '../create-cloud.ts'
import { inProcessHandler } from '../in-process.ts'
import { noMachines } from '../instances/none.ts'
import { SimulatedClock } from '../simulated-clock.ts'

const clock = new SimulatedClock()
const cloud = createCloud({ clock, random: () => 0.5, machines: () => noMachines })

async function identity(accessKeyId: string) {
  const sts = new STSClient({
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey: 'secret' },
    requestHandler: inProcessHandler(cloud),
  })
  const { UserId, Account, Arn } = await sts.send(new GetCallerIdentityCommand({}))
  return { UserId, Account, Arn }
}

test('an instance is a session of its role, named after the instance', async () => {
  const first = cloud.identities.issue('i-0123456789abcdef0', 'web-instance')
  const second = cloud.identities.issue('i-0fedcba9876543210', 'web-instance')
  const { UserId = '', ...rest } = await identity(first.accessKeyId)
  expect(UserId).toMatch(/^AROA[A-Z2-7]{17}:i-0123456789abcdef0$/)
  expect(rest).toEqual({
    Account: '123456789012',
    Arn: 'arn:aws:sts::123456789012:assumed-role/web-instance/i-0123456789abcdef0',
  })
  const other = await identity(second.accessKeyId)
  expect(other.UserId?.split(':')[0]).toBe(UserId.split(':')[0])
  expect(first.expiration).toBe(clock.now() + 6 * 3_600_000)
})

test('any other key is a user of the account', async () => {
  const { UserId, Arn } = await identity('AKIDOPS')
  expect(UserId).toMatch(/^AIDA[A-Z2-7]{17}$/)
  expect(Arn).toBe('arn:aws:iam::123456789012:user/AKIDOPS')
})
