import { expect, test } from 'vitest'
import { kindsOf } from './quotas.ts'

const check = (name: string, oneIsEnough: boolean) => ({
  name,
  oneIsEnough,
  intervalMs: 30_000,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
})

const arn = (name: string) => `arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/${name}/0123`

test('quotas of targets are those of the target groups: a classic load balancer has none of them', () => {
  const raw = { LoadBalancerNames: ['classic'], TargetGroupARNs: [arn('http'), arn('tcp')] }
  const checks = [check('http', true), check('classic', false), check('tcp', false)]
  expect([...kindsOf({ raw }, checks)]).toEqual(['application', 'network'])
  expect([...kindsOf({ raw: { LoadBalancerNames: ['classic'] } }, checks.slice(1, 2))]).toEqual([])
})
