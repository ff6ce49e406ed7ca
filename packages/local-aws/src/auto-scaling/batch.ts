import { AwsError, type Output } from '../wire/operation.ts'

const perCall = 50

/**
 * Does each item of a batch of scheduled actions: at most 50, and one that is refused stops no other (API reference, BatchPutScheduledUpdateGroupAction).
 * @returns what the answer tells of those refused
 * @throws {AwsError} ValidationError for no item or too many.
 */
export function batch<T>(items: readonly T[], nameOf: (item: T) => string, act: (item: T) => void): Output[] {
  if (items.length === 0 || items.length > perCall)
    throw new AwsError('ValidationError', `The number of scheduled actions must be between 1 and ${perCall}`)
  return items.flatMap((item) => {
    try {
      act(item)
      return []
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      return [{ ScheduledActionName: nameOf(item), ErrorCode: error.code, ErrorMessage: error.message }]
    }
  })
}
