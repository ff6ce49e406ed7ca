import { texts } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'

/** At most 100. A name that is not there is ResourceNotFound, and the others are deleted all the same (API DeleteAlarms). */
export const deleteAlarms: Operation = (cloud, input) => {
  const names = texts(input, 'AlarmNames')
  if (names.length === 0 || names.length > 100)
    throw new AwsError('ValidationError', 'The number of alarm names must be between 1 and 100')
  const missing = names.filter((name) => !cloud.cloudWatch.alarms.delete(name))
  for (const name of missing) cloud.cloudWatch.alarm(name)
  return {}
}
