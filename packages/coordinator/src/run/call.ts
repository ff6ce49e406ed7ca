import type { AwsClients } from '../aws/clients.ts'
import type { HeldLease } from '../record/lease.ts'
import { sendPermitted } from './permitted.ts'

/** One changing call of AWS: what `--plan` prints is what is sent. */
export type Call = Readonly<{
  /** AWS's own name of it, `EnterStandby`. */
  operation: string
  /** As the SDK takes it. */
  input: object
  send: (clients: AwsClients, lease: Pick<HeldLease, 'permit'>) => Promise<void>
}>

type Command<I extends object, O extends object> = { input: object } & Parameters<
  typeof sendPermitted<I, O, unknown>
>[1]

export function call<I extends object, O extends object>(
  operation: string,
  command: Command<I, O>,
  send: (clients: AwsClients, options: { abortSignal: AbortSignal }) => Promise<unknown>,
): Call {
  return {
    operation,
    input: command.input,
    send: async (clients, lease) => {
      await sendPermitted(lease, command, (options) => send(clients, options))
    },
  }
}
