import { paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch'
import type { AwsClients } from '../aws/clients.ts'
import { Refusal } from '../events.ts'
import type { Facts } from './findings/facts.ts'

/** Pages of 100 alarms: there is no asking for those of one dimension. */
const pageLimit = 100
/** So are the alarms named that a target tracking policy makes and keeps (Auto Scaling user guide, as-scaling-target-tracking). */
const ownedByPolicy = /^TargetTracking-/

/**
 * Metric alarms that watch one of these groups by name.
 * @throws {Refusal} where the account has more alarms than are looked through.
 */
export async function readGroupAlarms(
  { cloudWatch }: AwsClients,
  groups: ReadonlySet<string>,
): Promise<Facts['alarms']> {
  const found: { name: string; group: string }[] = []
  let pages = 0
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms(
    { client: cloudWatch },
    { MaxRecords: 100 },
  )) {
    for (const { AlarmName: name, Dimensions = [], Metrics = [] } of MetricAlarms) {
      if (name === undefined || ownedByPolicy.test(name)) continue
      const dimensions = [
        ...Dimensions,
        ...Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric?.Dimensions ?? []),
      ]
      const watched = new Set(
        dimensions.flatMap(({ Name, Value }) =>
          Name === 'AutoScalingGroupName' && Value !== undefined ? [Value] : [],
        ),
      )
      for (const group of watched) if (groups.has(group)) found.push({ name, group })
    }
    pages += 1
    if (pages >= pageLimit)
      throw new Refusal(
        2,
        'refused',
        `The account has more than ${pageLimit * 100} alarms; not all were looked at.`,
      )
  }
  return found
}
