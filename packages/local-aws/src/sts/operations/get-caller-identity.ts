import type { Operation } from '../../wire/operation.ts'

export const getCallerIdentity: Operation = (cloud, _input, caller) => ({
  UserId: caller.userId,
  Account: cloud.account,
  Arn: caller.arn,
})
