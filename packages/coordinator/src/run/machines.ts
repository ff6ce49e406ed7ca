import { paginateDescribeInstances } from '@aws-sdk/client-ec2'
import { goesForward, type Deployment } from '@switchover/contract/deployment'
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
 * Asked by filter, for one unknown id fails a whole call by ids (API reference, DescribeInstances).
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

/** How old an answer about each machine may be that matters, milliseconds by instance id. */
export type MachinesToAsk = ReadonlyMap<string, number>

const rarelyMs = 15_000

/**
 * Instances whose place in the group says too little: a parked one reads Healthy even when it is dead (Auto Scaling user
 * guide, as-enter-exit-standby), and one that was detached is no longer in the group at all. Parked ones are a way back, or come back, and one that died
 * lately is found by health checks, too; a finish has no use for them, and terminates nothing before the last is detached.
 */
export function machinesToAsk(
  groups: readonly Group[],
  { goal, ending, parked }: Pick<Deployment, 'goal' | 'ending' | 'parked'>,
): MachinesToAsk {
  const members = groups.flatMap(({ instances }) => instances)
  const inState = (...states: string[]) => members.filter(({ lifecycle }) => states.includes(lifecycle))
  const ours = new Set(parked)
  const detaches = goal === 'finish' && inState('Standby').some(({ id }) => ours.has(id))
  const endingMs = goesForward(goal) || detaches ? rarelyMs : 0
  // What a deploy has just parked served a moment ago: asking about each batch would be a call more for every one of them.
  const awayStates = {
    canary: ['Standby'],
    deploy: ['Standby'],
    rollback: ['EnteringStandby', 'Standby'],
    finish: [],
  }
  const away = inState(...awayStates[goal])
  return new Map([
    ...away.map(({ id }) => [id, rarelyMs] as const),
    ...[...inState('Detaching').map(({ id }) => id), ...ending].map((id) => [id, endingMs] as const),
  ])
}

/** Keeps what is recent enough; no machine comes back from `terminated`. */
export class MachineReader {
  readonly #clients: AwsClients
  readonly #known = new Map<string, { state: MachineState; at: number }>()

  constructor(clients: AwsClients) {
    this.#clients = clients
  }

  /** @param now milliseconds since the epoch */
  async read(toAsk: MachinesToAsk, now: number): Promise<ReadonlyMap<string, MachineState>> {
    const due = [...toAsk].flatMap(([id, maxAgeMs]) => {
      const known = this.#known.get(id)
      const isDue = known === undefined || (known.state !== 'terminated' && now - known.at >= maxAgeMs)
      return isDue ? [id] : []
    })
    for (const [id, state] of await readMachines(this.#clients, new Set(due)))
      this.#known.set(id, { state, at: now })
    return new Map([...toAsk.keys()].map((id) => [id, this.#known.get(id)?.state ?? 'missing']))
  }
}
