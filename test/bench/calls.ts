import { instanceOfReportKey } from '@switchover/contract/store'
import type { Intercept } from '@switchover/local-aws/wire/intercept'

/** Requests as they arrive, the SDK's repetitions included. */
export type Calls = {
  /** By service, as signed: `autoscaling`, `elasticloadbalancing`, `ec2`, `monitoring`, `s3`, `ecr`. */
  byService: Record<string, number>
  /** By service and operation, `s3 ListObjectsV2`. */
  byOperation: Record<string, number>
  /** Times a report was fetched, by instance. */
  reportReads: Record<string, number>
  /** The largest body the record was written with, bytes. */
  largestRecordBytes: number
}

/** Services whose calls are counted together: AWS throttles them per account, and people pay attention to them. */
const throttledServices = ['autoscaling', 'elasticloadbalancing', 'ec2', 'monitoring'] as const

/** Counts the calls of coordinators, who name themselves; other clients of the account are left out. */
export class CallCounter {
  #calls = emptyCalls()

  readonly intercept: Intercept = async ({ service, operation }, proceed, request) => {
    if (request.headers['user-agent']?.includes(' switchover/')) {
      const calls = this.#calls
      add(calls.byService, service)
      add(calls.byOperation, `${service} ${operation}`)
      if (service === 's3' && operation === 'GetObject') {
        const instance = instanceOfReportKey(decodeURIComponent(request.path))
        if (instance !== null) add(calls.reportReads, instance)
      }
      if (operation === 'PutObject' && request.path.endsWith('/deployment.json'))
        calls.largestRecordBytes = Math.max(calls.largestRecordBytes, request.body.byteLength)
    }
    return proceed()
  }

  /** What was counted since the last time it was asked. */
  take(): Calls {
    const calls = this.#calls
    this.#calls = emptyCalls()
    return calls
  }
}

export function throttledCalls({ byService }: Calls): number {
  return throttledServices.reduce((sum, service) => sum + (byService[service] ?? 0), 0)
}

function emptyCalls(): Calls {
  return { byService: {}, byOperation: {}, reportReads: {}, largestRecordBytes: 0 }
}

function add(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}
