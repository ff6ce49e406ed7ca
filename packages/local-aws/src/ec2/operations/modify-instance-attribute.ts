import { flag, structure } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { required } from './required.ts'

/** Termination protection is what can be changed here. */
export const modifyInstanceAttribute: Operation = (cloud, input) => {
  const instance = cloud.ec2.existing(required(input, 'InstanceId'))
  const wanted = flag(structure(input, 'DisableApiTermination'), 'Value')
  if (wanted === undefined)
    throw new AwsError(
      'InvalidParameterCombination',
      'DisableApiTermination is all that can be modified here',
    )
  instance.terminationProtected = wanted
  return { return: true }
}
