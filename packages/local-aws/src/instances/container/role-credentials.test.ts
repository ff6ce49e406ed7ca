import { expect, test } from 'vitest'
import { CurrentCredentials } from './role-credentials.ts'

const HOUR = 3_600_000

test('an instance keeps its credentials until shortly before they end', () => {
  let issued = 0
  const current = new CurrentCredentials()
  const at = (now: number, instanceId = 'i-1') =>
    current.of(instanceId, now, () => {
      issued += 1
      return { accessKeyId: `key-${issued}`, secretAccessKey: 's', token: 't', expiration: now + 6 * HOUR }
    })
  expect(at(0)).toMatchObject({ accessKeyId: 'key-1', updated: 0, expiration: 6 * HOUR })
  expect(at(5.7 * HOUR).accessKeyId).toBe('key-1')
  expect(at(5.7 * HOUR, 'i-2').accessKeyId).toBe('key-2')
  expect(at(5.75 * HOUR)).toMatchObject({ accessKeyId: 'key-3', updated: 5.75 * HOUR })
  current.forget('i-2')
  expect(at(5.8 * HOUR, 'i-2').accessKeyId).toBe('key-4')
})
