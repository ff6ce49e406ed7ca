import type { Call } from './dispatch.ts'
import type { WireRequest, WireResponse } from './message.ts'

/**
 * Stands between a client and the cloud: to watch calls, to hold or refuse them, to lose their answers.
 * Null is a connection that breaks without an answer; whether the call took effect is up to whether `proceed` was called.
 */
export type Intercept = (
  call: Call,
  proceed: () => Promise<WireResponse>,
  request: WireRequest,
) => Promise<WireResponse | null>
