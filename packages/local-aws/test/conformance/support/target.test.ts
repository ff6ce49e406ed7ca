import { describe, expect, test } from 'vitest'
import { confirm, readTarget, Refusal } from './target.ts'

const complete = {
  CONFORMANCE: 'account',
  CONFORMANCE_REGION: 'eu-central-1',
  CONFORMANCE_ACCOUNT_ID: '123456789012',
  CONFORMANCE_PREFIX: 'conf',
  CONFORMANCE_VPC: 'vpc-1',
  CONFORMANCE_SUBNETS: 'subnet-1,subnet-2',
}

describe('the target', () => {
  test('is the local AWS unless an account is asked for, whatever else is set', () => {
    expect(readTarget({})).toEqual({ kind: 'local' })
    expect(readTarget({ ...complete, CONFORMANCE: undefined })).toEqual({ kind: 'local' })
    expect(readTarget(complete)).toMatchObject({ kind: 'account', subnets: ['subnet-1', 'subnet-2'] })
  })

  test.each(Object.keys(complete).filter((name) => name !== 'CONFORMANCE'))(
    'is refused without %s, which the sentence names',
    (name) => {
      const call = () => readTarget({ ...complete, [name]: undefined })
      expect(call).toThrow(Refusal)
      expect(call).toThrow(name)
    },
  )

  test.each([
    { CONFORMANCE: 'aws' },
    { CONFORMANCE_REGION: 'everywhere' },
    { CONFORMANCE_ACCOUNT_ID: '12345' },
    { CONFORMANCE_PREFIX: 'a prefix that is far too long' },
    { CONFORMANCE_SUBNETS: 'subnet-1' },
  ])('is refused with $0', (wrong) => {
    expect(() => readTarget({ ...complete, ...wrong })).toThrow(Refusal)
  })

  test('is the account that was named, or nothing is made', async () => {
    const target = readTarget(complete)
    if (target.kind !== 'account') throw new Error('This is an account.')
    await confirm(target, async () => '123456789012')
    await expect(confirm(target, async () => '999999999999')).rejects.toThrow(
      'The credentials are those of account 999999999999, not of 123456789012',
    )
    const none = Promise.reject(new Error('Could not load credentials from any providers'))
    await expect(confirm(target, () => none)).rejects.toThrow(/needs AWS credentials.*Could not load/)
  })
})
