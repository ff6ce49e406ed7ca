import { expect, test } from 'vitest'
import { classicHealth } from './classic-health.ts'

test.each([
  ['in service', 'InService', 'N/A', 'healthy'],
  [
    'draining, which reads InService',
    'InService',
    'Instance deregistration currently in progress.',
    'draining',
  ],
  [
    'its zone is being disabled, which reads InService',
    'InService',
    'Disable Availability Zone is currently in progress.',
    'draining',
  ],
  ['being registered', 'OutOfService', 'Instance registration is still in progress.', 'initial'],
  ['not started yet', 'OutOfService', 'Instance is in pending state.', 'initial'],
  [
    'not checked well often enough yet',
    'OutOfService',
    'Instance has not passed the configured HealthyThreshold number of health checks consecutively.',
    'unhealthy',
  ],
  [
    'failing its checks',
    'OutOfService',
    'Instance has failed at least the UnhealthyThreshold number of health checks consecutively.',
    'unhealthy',
  ],
  ['not registered', 'OutOfService', 'Instance is not currently registered with the LoadBalancer.', 'unused'],
  [
    'in a zone that gets no traffic',
    'OutOfService',
    'Instance is in the EC2 Availability Zone for which LoadBalancer is not configured to route traffic to.',
    'unused',
  ],
  ['stopped', 'OutOfService', 'Instance is in stopped state.', 'unused'],
  ['terminated', 'OutOfService', 'Instance is in terminated state.', 'unused'],
  ['out of service for no reason given', 'OutOfService', 'N/A', 'unhealthy'],
  ['unknown', 'Unknown', 'A transient error occurred. Please try again later.', 'unavailable'],
  ['in service with a sentence nobody knows', 'InService', 'Something new.', 'unavailable'],
  ['in a state nobody knows', 'Resting', 'N/A', 'unavailable'],
  [
    'draining and failing at once',
    'OutOfService',
    'Instance has failed at least the UnhealthyThreshold number of health checks consecutively. Instance deregistration currently in progress.',
    'draining',
  ],
])('%s', (_, state, description, expected) => {
  expect(classicHealth({ state, description }).state).toBe(expected)
})

test('the reason is the sentence of AWS, and healthy has none', () => {
  const description = 'Instance registration is still in progress.'
  expect(classicHealth({ state: 'OutOfService', description }).reason).toBe(
    'Instance registration is still in progress',
  )
  expect(classicHealth({ state: 'InService', description: 'N/A' }).reason).toBeNull()
})
