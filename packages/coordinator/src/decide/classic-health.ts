import type { TargetHealth } from './world.ts'

/** An instance's state at a classic load balancer, as DescribeInstanceHealth gives it. */
export type ClassicState = Readonly<{
  /** InService, OutOfService or Unknown. */
  state: string
  /** One or more of AWS's fixed sentences, `N/A` where there is nothing to say. */
  description: string
}>

/**
 * What the sentences of AWS mean in the words of target groups (API reference, InstanceState). The first that a description holds decides:
 * it may hold several, and an instance that drains goes on reading InService.
 */
const sentences: readonly (readonly [sentence: string, state: string])[] = [
  ['Instance deregistration currently in progress', 'draining'],
  ['Disable Availability Zone is currently in progress', 'draining'],
  ['Instance is not currently registered with the LoadBalancer', 'unused'],
  ['Availability Zone for which LoadBalancer is not configured', 'unused'],
  ['Instance is in stopped state', 'unused'],
  ['Instance is in terminated state', 'unused'],
  ['Instance registration is still in progress', 'initial'],
  ['Instance is in pending state', 'initial'],
  ['Instance has failed at least the UnhealthyThreshold', 'unhealthy'],
  ['Instance has not passed the configured HealthyThreshold', 'unhealthy'],
]

/**
 * A classic load balancer's state in the words of target groups, AWS's sentence as the reason. `unavailable`: the load
 * balancer cannot tell, or says what nobody knows here, and that is not healthy.
 */
export function classicHealth({ state, description }: ClassicState): TargetHealth {
  const found = sentences.find(([sentence]) => description.includes(sentence))
  if (found) return { state: found[1], reason: description.replace(/\.$/, '') }
  if (state === 'InService' && ['N/A', ''].includes(description)) return { state: 'healthy', reason: null }
  return {
    state: state === 'OutOfService' ? 'unhealthy' : 'unavailable',
    reason: description === 'N/A' ? null : description.replace(/\.$/, ''),
  }
}
