import { texts } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { stateCode } from '../instance.ts'

/** All or nothing on a bad id, idempotent (EC2 API TerminateInstances). */
export const terminateInstances: Operation = (cloud, input) => {
  const ids = [...new Set(texts(input, 'InstanceId'))]
  if (ids.length === 0)
    throw new AwsError('MissingParameter', 'The request must contain the parameter InstanceId')
  if (ids.length > 1_000)
    throw new AwsError('InvalidParameterValue', 'You can specify at most 1000 instance IDs.')
  for (const id of ids) cloud.ec2.existing(id)
  return {
    instancesSet: ids.map((instanceId) => {
      const before = cloud.ec2.terminate(instanceId)
      const after = cloud.ec2.existing(instanceId).state
      return {
        instanceId,
        currentState: { code: stateCode[after], name: after },
        previousState: { code: stateCode[before], name: before },
      }
    }),
  }
}
