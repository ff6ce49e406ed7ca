import { paginateDescribeInstances } from '@aws-sdk/client-ec2'
import { tagKey } from '@switchover/contract/tags'
import type { AwsClients } from '../aws/clients.ts'
import { isMachineState } from '../run/machines.ts'
import type { Stray } from './findings/facts.ts'

/** Pages of 1000 instances. */
const pageLimit = 20
const groupTag = 'aws:autoscaling:groupName'

/** Instances that are not gone, carry the service's tag, and belong to no group. */
export async function readStrays(
  { ec2 }: AwsClients,
  service: string,
  members: ReadonlySet<string>,
): Promise<Stray[]> {
  const Filters = [
    { Name: `tag:${tagKey.service}`, Values: [service] },
    { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
  ]
  const strays: Stray[] = []
  let pages = 0
  for await (const { Reservations = [] } of paginateDescribeInstances({ client: ec2 }, { Filters })) {
    for (const { InstanceId: id, State, LaunchTime, Tags = [] } of Reservations.flatMap(
      (one) => one.Instances ?? [],
    )) {
      if (id === undefined || members.has(id) || Tags.some(({ Key }) => Key === groupTag)) continue
      if (isMachineState(State?.Name))
        strays.push({ id, state: State.Name, launchedAt: LaunchTime?.getTime() ?? 0 })
    }
    pages += 1
    if (pages >= pageLimit) break
  }
  return strays
}
