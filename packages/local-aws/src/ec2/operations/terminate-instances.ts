import { texts } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { stateCode } from '../instance.ts'

/**
 * All or nothing on a bad id, idempotent. One protected instance saves those of its zone; the others end, and then the call
 * fails (EC2 API TerminateInstances).
 */
export const terminateInstances: Operation = (cloud, input) => {
  const ids = [...new Set(texts(input, 'InstanceId'))]
  if (ids.length === 0)
    throw new AwsError('MissingParameter', 'The request must contain the parameter InstanceId')
  if (ids.length > 1_000)
    throw new AwsError('InvalidParameterValue', 'You can specify at most 1000 instance IDs.')
  const instances = ids.map((id) => cloud.ec2.existing(id))
  const protectedOnes = instances.filter((one) => one.terminationProtected && one.state !== 'terminated')
  const zones = new Set(protectedOnes.map((one) => one.availabilityZone))
  const free = instances.filter((one) => !zones.has(one.availabilityZone))
  const instancesSet = free.map(({ id }) => {
    const before = cloud.ec2.terminate(id)
    const after = cloud.ec2.existing(id).state
    return {
      instanceId: id,
      currentState: { code: stateCode[after], name: after },
      previousState: { code: stateCode[before], name: before },
    }
  })
  const [first] = protectedOnes
  if (first)
    throw new AwsError(
      'OperationNotPermitted',
      `The instance '${first.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    )
  return { instancesSet }
}
