import type { Operation } from '../wire/operation.ts'

const getCallerIdentity: Operation = (cloud, _input, caller) => ({
  UserId: caller.userId,
  Account: cloud.account,
  Arn: caller.arn,
})

/** STS, API version 2011-06-15. */
export const stsOperations: Record<string, Operation> = { GetCallerIdentity: getCallerIdentity }
