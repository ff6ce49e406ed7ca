import { AwsError } from '@switchover/local-aws/wire/operation'
import { refusal, type Call } from '@switchover/local-aws/wire/dispatch'
import type { WireRequest, WireResponse } from '@switchover/local-aws/wire/message'
import type { Clock } from '../../packages/coordinator/src/clock.ts'
import type { Fault, FaultKind } from './plan.ts'

/** Calls that change nothing. */
const reading = /^(?:Describe|Get|List|Head|Batch(?:Get|Check))/

export function changes({ operation }: Call): boolean {
  return !reading.test(operation)
}

type Passing = Readonly<{
  call: Call
  request: WireRequest
  proceed: () => Promise<WireResponse>
  clock: Clock
}>
type Inject = (passing: Passing, ms: number) => Promise<WireResponse | null>

const serverError = (call: Call) =>
  call.service === 's3'
    ? new AwsError('InternalError', 'We encountered an internal error. Please try again.', 500)
    : new AwsError('InternalFailure', 'The request processing has failed.', 500)

const throttled = (call: Call) =>
  call.service === 's3'
    ? new AwsError('SlowDown', 'Please reduce your request rate.', 503)
    : new AwsError('Throttling', 'Rate exceeded')

/** Each as its caller would meet it behind the SDK; null is a connection that breaks. */
const injections: Record<FaultKind, Inject> = {
  throttle: async ({ call, request }) => refusal(request, throttled(call)),
  error: async ({ call, request }) => refusal(request, serverError(call)),
  // Only of calls that change a group; the others are throttled.
  contention: async ({ call, request }) =>
    refusal(
      request,
      call.service === 'autoscaling' && changes(call)
        ? new AwsError(
            'ResourceContention',
            'You already have a pending update to an Amazon EC2 Auto Scaling resource.',
          )
        : throttled(call),
    ),
  'lost-before': async () => null,
  'lost-after': async ({ proceed }) => {
    await proceed()
    return null
  },
  // A lost reply that the SDK repeats: the second answer is the one that is seen.
  twice: async ({ proceed }) => {
    await proceed()
    return proceed()
  },
  delay: async ({ proceed, clock }, ms) => {
    await clock.sleep(ms)
    return proceed()
  },
  late: async ({ proceed, clock }, ms) => {
    void clock.sleep(ms).then(proceed)
    return null
  },
  stale: async ({ proceed }) => proceed(),
  's3-conflict': async ({ call, request, proceed }) =>
    call.operation === 'PutObject'
      ? refusal(
          request,
          new AwsError(
            'ConditionalRequestConflict',
            'The conditional request cannot succeed due to a conflicting operation against this resource.',
            409,
          ),
        )
      : proceed(),
}

/**
 * How old a stale answer of a service may be, milliseconds. EC2 says that its reads lag behind; the others do not say, and
 * were seen to. S3's never do.
 */
const staleMs: Readonly<Record<string, number>> = {
  ec2: 8_000,
  autoscaling: 8_000,
  elasticloadbalancing: 8_000,
}

/** What befalls the calls of all coordinators, counted together. */
export class Faults {
  readonly #faults: readonly Fault[]
  readonly #clock: Clock
  readonly #answers = new Map<string, { at: number; response: WireResponse }>()
  #calls = 0

  constructor(faults: readonly Fault[], clock: Clock) {
    this.#faults = faults
    this.#clock = clock
  }

  /** Answers one call, with the fault that befell it, if any. */
  async answer(
    call: Call,
    proceed: () => Promise<WireResponse>,
    request: WireRequest,
  ): Promise<{ response: WireResponse | null; fault: FaultKind | null }> {
    const nth = ++this.#calls
    const fault = this.#faults.find((one) => nth >= one.call && nth < one.call + one.times)
    const key = `${call.operation} ${Buffer.from(request.body).toString()}`
    const lagging = !changes(call) && call.service in staleMs
    const before = fault?.kind === 'stale' && lagging ? this.#answers.get(key) : undefined
    if (before && this.#clock.now() - before.at <= (staleMs[call.service] ?? 0))
      return { response: before.response, fault: 'stale' }
    const passing = { call, request, proceed, clock: this.#clock }
    const response = fault ? await injections[fault.kind](passing, fault.ms) : await proceed()
    if (response && lagging) this.#answers.set(key, { at: this.#clock.now(), response })
    return { response, fault: fault?.kind ?? null }
  }
}
