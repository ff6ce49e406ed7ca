import type { Calls } from '../calls.ts'
import type { CommandName, Row } from './targets.ts'

const measured = ([s, floorS]: [number, number]) => ({ ms: s * 1_000, floorMs: floorS * 1_000 })

/** A row of a run in which everything went as it should; times in seconds. */
export function row(
  command: CommandName,
  instances: number,
  change: Partial<{ calls: Calls['byService']; megabytes: number; switched: [number, number] | null }> = {},
): Row {
  const { calls = { autoscaling: 60, s3: 900 }, megabytes = 100, switched = [41, 40] } = change
  return {
    command,
    instances,
    calls: {
      byService: calls,
      byOperation: { 'autoscaling DescribeAutoScalingGroups': 40, 's3 ListObjectsV2': 40 },
      reportReads: { 'i-1': 3 },
      largestRecordBytes: 2_048,
    },
    usage: { memoryBytes: megabytes * 1e6, cpuMs: 1_500 },
    times: { switched: switched && measured(switched), ended: measured([52, 50]) },
  }
}
