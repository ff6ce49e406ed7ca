import type { Operation } from '../../wire/operation.ts'

/** Default quotas, of which nothing here is enforced (ALB guide, quotas). */
const limits = {
  'application-load-balancers': 50,
  'listeners-per-application-load-balancer': 50,
  'target-groups': 3_000,
  'targets-per-application-load-balancer': 1_000,
  'targets-per-network-load-balancer': 3_000,
}

export const describeAccountLimits: Operation = () => ({
  Limits: Object.entries(limits).map(([Name, max]) => ({ Name, Max: String(max) })),
})
