import { integer, need, text } from '../input.ts'
import { AwsError, type Input } from '../wire/operation.ts'
import type { Hook, HookResult } from './group.ts'

/** A hook as a request puts it over the one before. Defaults: an hour, ABANDON (API PutLifecycleHook). @throws {AwsError} ValidationError. */
export function readHook(input: Input, before: Hook | null): Hook {
  const transition = text(input, 'LifecycleTransition') ?? before?.transition
  if (
    transition !== 'autoscaling:EC2_INSTANCE_LAUNCHING' &&
    transition !== 'autoscaling:EC2_INSTANCE_TERMINATING'
  )
    throw new AwsError('ValidationError', `LifecycleTransition ${transition ?? 'null'} is not valid`)
  const heartbeatS = integer(input, 'HeartbeatTimeout')
  if (heartbeatS !== undefined && (heartbeatS < 30 || heartbeatS > 7_200))
    throw new AwsError('ValidationError', 'HeartbeatTimeout must be between 30 and 7200 seconds')
  return {
    name: need(input, 'LifecycleHookName'),
    transition,
    heartbeatMs: heartbeatS === undefined ? (before?.heartbeatMs ?? 3_600_000) : heartbeatS * 1_000,
    defaultResult: readResult(text(input, 'DefaultResult'), before?.defaultResult ?? 'ABANDON'),
    metadata: text(input, 'NotificationMetadata') ?? before?.metadata ?? null,
  }
}

/** @throws {AwsError} ValidationError for anything but CONTINUE and ABANDON. */
export function readResult(result: string | undefined, otherwise: HookResult): HookResult {
  if (result === undefined) return otherwise
  if (result === 'CONTINUE' || result === 'ABANDON') return result
  throw new AwsError('ValidationError', `Lifecycle action result ${result} must be CONTINUE or ABANDON`)
}
