import type { FinalizeRequestMiddleware, MiddlewareStack } from '@smithy/types'
import type { HeldLease } from '../record/lease.ts'

type Guardable<I extends object, O extends object> = { middlewareStack: MiddlewareStack<I, O> }

/**
 * Sends one changing call under the lease: refused before it is sent, and before each of the SDK's own retries, where the
 * right to act has run out; aborted where it runs out under way.
 * @param send sends `command` with the options it is given
 */
export async function sendPermitted<I extends object, O extends object, R>(
  lease: Pick<HeldLease, 'permit'>,
  command: Guardable<I, O>,
  send: (options: { abortSignal: AbortSignal }) => Promise<R>,
): Promise<R> {
  return lease.permit((abortSignal, check) => {
    const guard: FinalizeRequestMiddleware<I, O> = (next) => async (args) => {
      check()
      return next(args)
    }
    command.middlewareStack.add(guard, {
      step: 'finalizeRequest',
      priority: 'low',
      name: 'switchoverPermission',
    })
    return send({ abortSignal })
  })
}
