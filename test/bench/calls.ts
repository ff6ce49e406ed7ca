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

export const describeGroups = 'autoscaling DescribeAutoScalingGroups'

/** How clients whose calls are counted name themselves: coordinators, and the AWS CLI. */
const counted = / switchover\/|^aws-cli\//

/** Counts the calls of what is measured; other clients of the account are left out. */
export class CallCounter {
  #calls = emptyCalls()
  /** Told of each call as it arrives. */
  onCall: (operation: string) => void = () => undefined

  readonly intercept: Intercept = async ({ service, operation }, proceed, request) => {
    if (counted.test(request.headers['user-agent'] ?? '')) {
      this.onCall(`${service} ${operation}`)
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

/** S3 throttles nobody who asks once a second; the others do, and for the whole account. */
export function callsBesideS3({ byService }: Calls): number {
  return Object.entries(byService).reduce((sum, [service, count]) => sum + (service === 's3' ? 0 : count), 0)
}

/** Each look describes both groups in one call. */
export function looks({ byOperation }: Calls): number {
  return byOperation[describeGroups] ?? 0
}

export function mostReads({ reportReads }: Calls): number {
  return Math.max(0, ...Object.values(reportReads))
}

function emptyCalls(): Calls {
  return { byService: {}, byOperation: {}, reportReads: {}, largestRecordBytes: 0 }
}

function add(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}
