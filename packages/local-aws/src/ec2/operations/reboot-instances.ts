import { texts } from '../../input.ts'
import type { Operation } from '../../wire/operation.ts'

/** Only asks for it: the instances go down after the answer (EC2 API RebootInstances). */
export const rebootInstances: Operation = (cloud, input) => {
  const ids = texts(input, 'InstanceId')
  for (const id of ids) cloud.ec2.rebootable(id)
  for (const id of ids) void cloud.ec2.reboot(id)
  return { return: true }
}
