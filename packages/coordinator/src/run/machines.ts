import { paginateDescribeInstances } from '@aws-sdk/client-ec2'
import type { Deployment } from '@switchover/contract/deployment'
import type { AwsClients } from '../aws/clients.ts'
import type { Group, MachineState } from '../decide/world.ts'

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

export function isMachineState(state: string | undefined): state is MachineState {
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

/** Whose machines matter, and how old an answer about them may be, milliseconds. */
export type MachinesToAsk = Readonly<{ ids: ReadonlySet<string>; maxAgeMs: number }>

/**
 * Instances whose place in the group says too little: a parked one reads Healthy even when it is dead (aws.md 2.4), and
 * one that was detached is no longer in the group at all. A deploy only wants to know whether there is a way back;
 * a finish has no use for what is still parked.
 */
export function machinesToAsk(
  groups: readonly Group[],
  { goal, ending }: Pick<Deployment, 'goal' | 'ending'>,
): MachinesToAsk {
  const states = goal === 'finish' ? ['Detaching'] : ['EnteringStandby', 'Standby', 'Detaching']
  const parked = groups
    .flatMap(({ instances }) => instances)
    .filter(({ lifecycle }) => states.includes(lifecycle))
  return {
    ids: new Set([...parked.map(({ id }) => id), ...ending]),
    maxAgeMs: goal === 'deploy' || goal === 'canary' ? 15_000 : 0,
  }
}

/** Keeps what is recent enough; no machine comes back from `terminated`. */
export class MachineReader {
  readonly #clients: AwsClients
  readonly #known = new Map<string, { state: MachineState; at: number }>()

  constructor(clients: AwsClients) {
    this.#clients = clients
  }

  /** @param now milliseconds since the epoch */
  async read({ ids, maxAgeMs }: MachinesToAsk, now: number): Promise<ReadonlyMap<string, MachineState>> {
    const due = [...ids].filter((id) => {
      const known = this.#known.get(id)
      return known === undefined || (known.state !== 'terminated' && now - known.at >= maxAgeMs)
    })
    for (const [id, state] of await readMachines(this.#clients, new Set(due)))
      this.#known.set(id, { state, at: now })
    return new Map([...ids].map((id) => [id, this.#known.get(id)?.state ?? 'missing']))
  }
}
