import { flag, need } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { mark } from '../health.ts'
import { userCause } from '../turn.ts'

/** Respects the grace period unless told not to (API SetInstanceHealth). */
export const setInstanceHealth: Operation = (cloud, input) => {
  const id = need(input, 'InstanceId')
  const status = need(input, 'HealthStatus').toLowerCase()
  const found = cloud.autoScaling.find(id)
  if (!found)
    throw new AwsError(
      'ValidationError',
      `Instance Id not found - No managed instance found for instance ID ${id}`,
    )
  if (status !== 'healthy' && status !== 'unhealthy')
    throw new AwsError('ValidationError', 'Valid instance health states are: [Healthy, Unhealthy]')
  const { group, member } = found
  if (status === 'healthy') {
    if (member.lifecycle.startsWith('Terminating'))
      throw new AwsError('ValidationError', `Instance ${id} is terminating and cannot be set to Healthy`)
    member.healthy = true
    member.unhealthyCause = null
  } else if (!(flag(input, 'ShouldRespectGracePeriod') ?? true) || cloud.clock.now() >= member.graceUntil)
    mark(member, userCause)
  cloud.autoScaling.wake(group)
  return {}
}
