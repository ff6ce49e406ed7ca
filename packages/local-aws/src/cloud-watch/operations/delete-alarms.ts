import { texts } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'

/** At most 100, all or nothing: a name that is not there is ResourceNotFound (aws.md 6.2). */
export const deleteAlarms: Operation = (cloud, input) => {
  const names = texts(input, 'AlarmNames')
  if (names.length === 0 || names.length > 100)
    throw new AwsError('ValidationError', 'The number of alarm names must be between 1 and 100')
  for (const name of names) cloud.cloudWatch.alarm(name)
  for (const name of names) cloud.cloudWatch.alarms.delete(name)
  return {}
}
