import { paginateDescribeInstances } from '@aws-sdk/client-ec2'
import type { AwsClients } from '../aws/clients.ts'
import type { MachineState } from '../decide/world.ts'

/** A filter takes at most 200 values. */
const idsPerCall = 200
const pageLimit = 20

const states: ReadonlySet<string> = new Set<MachineState>([
  'pending',
  'running',
  'shutting-down',
  'terminated',
  'stopping',
  'stopped',
])

function isMachineState(state: string | undefined): state is MachineState {
  return state !== undefined && states.has(state)
}

/**
 * EC2's state of each of these instances; `missing` for one it does not know.
 * Asked by filter, for one unknown id fails a whole call by ids (aws.md 1.14).
 */
export async function readMachines(
  clients: AwsClients,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, MachineState>> {
  const all = [...ids]
  const machines = new Map<string, MachineState>(all.map((id) => [id, 'missing']))
  for (let start = 0; start < all.length; start += idsPerCall) {
    const Filters = [{ Name: 'instance-id', Values: all.slice(start, start + idsPerCall) }]
    let pages = 0
    for await (const { Reservations = [] } of paginateDescribeInstances(
      { client: clients.ec2 },
      { Filters },
    )) {
      for (const { InstanceId, State } of Reservations.flatMap((one) => one.Instances ?? [])) {
        if (InstanceId !== undefined && isMachineState(State?.Name)) machines.set(InstanceId, State.Name)
      }
      pages += 1
      if (pages >= pageLimit) break
    }
  }
  return machines
}
