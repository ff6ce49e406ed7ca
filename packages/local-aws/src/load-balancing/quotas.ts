/** Default quotas by Elastic Load Balancing's names, of which nothing here is enforced (ALB guide, quotas). */
export const defaultQuotas: Readonly<Record<string, number>> = {
  'application-load-balancers': 50,
  'listeners-per-application-load-balancer': 50,
  'target-groups': 3_000,
  'targets-per-application-load-balancer': 1_000,
  'targets-per-network-load-balancer': 3_000,
}
