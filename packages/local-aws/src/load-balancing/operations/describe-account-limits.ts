import type { Operation } from '../../wire/operation.ts'

export const describeAccountLimits: Operation = ({ loadBalancing }) => ({
  Limits: [...loadBalancing.quotas].map(([Name, max]) => ({ Name, Max: String(max) })),
})
