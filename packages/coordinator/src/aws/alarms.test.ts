import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch'
import { expect, test } from 'vitest'
import { createAccount } from '../../test/support/account.ts'
import { putWatchedAlarm } from '../../test/support/scaling.ts'
import { readAlarms } from './alarms.ts'

const names = Array.from({ length: 130 }, (_, n) => `alarm-${n}`)

test('more alarms than one call takes are all read, and one that is not there is absent', async () => {
  const account = await createAccount()
  for (const name of names) await putWatchedAlarm(account, name)
  await account.clients.cloudWatch.send(
    new SetAlarmStateCommand({
      AlarmName: 'alarm-129',
      StateValue: 'ALARM',
      StateReason: 'Too many errors.',
    }),
  )
  const alarms = await readAlarms(account.clients, [...names, 'gone'])
  expect([...alarms.keys()].toSorted()).toEqual(names.toSorted())
  expect(alarms.get('alarm-129')).toEqual({ state: 'ALARM', reason: 'Too many errors.' })
  expect(alarms.get('alarm-0')).toMatchObject({ state: 'INSUFFICIENT_DATA' })
})

test('without names nothing is asked, for no names would mean all alarms of the account', async () => {
  const account = await createAccount()
  await putWatchedAlarm(account, 'somebody-elses')
  expect(await readAlarms(account.clients, [])).toEqual(new Map())
})

test('composite alarms are asked for and read like others', async () => {
  const account = await createAccount()
  let asked = ''
  account.intercept = async (call, proceed, request) => {
    if (call.operation !== 'DescribeAlarms') return proceed()
    asked = Buffer.from(request.body).toString()
    const CompositeAlarms = [{ AlarmName: 'web', StateValue: 'ALARM', StateReason: 'web-5xx is in ALARM' }]
    const body = Buffer.from(JSON.stringify({ MetricAlarms: [], CompositeAlarms }))
    return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body }
  }
  const alarms = await readAlarms(account.clients, ['web'])
  expect(alarms.get('web')).toEqual({ state: 'ALARM', reason: 'web-5xx is in ALARM' })
  expect(asked).toContain('CompositeAlarm')
})
