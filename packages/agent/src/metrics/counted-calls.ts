import { failureClass } from '../aws/failure.ts'
import type { Counters } from './counters.ts'

/** What of an SDK client's middleware stack is used here; `context` is the SDK's HandlerExecutionContext. */
type Stack = {
  add(
    middleware: <Args, Output>(
      next: (args: Args) => Promise<Output>,
      context: { clientName?: string; commandName?: string },
    ) => (args: Args) => Promise<Output>,
    options: { step: 'initialize'; name: string },
  ): void
}

/** The same client, with its calls counted; services and operations are those the sources name. */
export function countedCalls<Client extends { middlewareStack: Stack }>(
  client: Client,
  counters: Counters,
): Client {
  client.middlewareStack.add(
    (next, { clientName = '', commandName = '' }) =>
      async (args) => {
        const labels = {
          service: clientName.replace(/Client$/, ''),
          operation: commandName.replace(/Command$/, ''),
        }
        counters.add('switchover_agent_aws_calls_total', labels)
        try {
          return await next(args)
        } catch (error) {
          counters.add('switchover_agent_aws_errors_total', { ...labels, class: failureClass(error) })
          throw error
        }
      },
    { step: 'initialize', name: 'switchoverCountedCalls' },
  )
  return client
}
