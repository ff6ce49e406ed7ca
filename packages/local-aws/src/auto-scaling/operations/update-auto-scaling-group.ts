import { flag, integer, need, texts } from '../../input.ts'
import type { Operation } from '../../wire/operation.ts'
import {
  checkBounds,
  readGrace,
  readHealthCheckType,
  readPlaces,
  readTemplate,
  refuseNotOffered,
} from '../settings.ts'

/** What is not sent stays; a new bound that desired does not meet moves desired along (API UpdateAutoScalingGroup). */
export const updateAutoScalingGroup: Operation = (cloud, input) => {
  const group = cloud.autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  refuseNotOffered(input)
  const min = integer(input, 'MinSize') ?? group.min
  const max = integer(input, 'MaxSize') ?? group.max
  const desired = integer(input, 'DesiredCapacity') ?? Math.max(min, Math.min(max, group.desired))
  checkBounds(min, max, desired)
  const template = readTemplate(cloud, input)
  const places = readPlaces(cloud, input)
  const healthCheckType = readHealthCheckType(input)
  Object.assign(group, { min, max }, places)
  if (template) group.template = template
  if (healthCheckType !== undefined) group.healthCheckType = healthCheckType
  group.graceS = readGrace(input) ?? group.graceS
  group.cooldownS = integer(input, 'DefaultCooldown') ?? group.cooldownS
  group.protectNew = flag(input, 'NewInstancesProtectedFromScaleIn') ?? group.protectNew
  const policies = texts(input, 'TerminationPolicies')
  if (policies.length > 0) group.terminationPolicies = policies
  const request = `a user request update of AutoScalingGroup constraints to min: ${min}, max: ${max}, desired: ${desired}`
  cloud.autoScaling.setDesired(group, desired, request)
  return {}
}
