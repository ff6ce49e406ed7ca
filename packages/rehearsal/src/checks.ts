import { DescribeInstancesCommand } from '@aws-sdk/client-ec2'
import { tagKey } from '@switchover/contract/tags'
import { type Clients, type GroupState, groupState } from './account.ts'
import type { TrafficCount } from './traffic.ts'

/** One thing that must hold, and whether it did. `seen` says what was found instead. */
export type Check = { must: string; ok: boolean; seen: string }

const check = (must: string, ok: boolean, seen: string): Check => ({ must, ok, seen })

/** After a rollback the very same instances serve again, under the sizes of before. */
export function checkRolledBack(before: GroupState, after: GroupState, other: GroupState): Check[] {
  const [was, is] = [Object.keys(before.instances).toSorted(), Object.keys(after.instances).toSorted()]
  return [
    check(
      'rollback launches no instance: the same ones serve again',
      was.join() === is.join(),
      is.join(', '),
    ),
    check('every one of them is in service', allInService(after), JSON.stringify(after.instances)),
    check('sizes are those of before the deployment', sizes(before) === sizes(after), sizes(after)),
    check('no process is left suspended', after.suspended.length === 0, after.suspended.join()),
    check('the other group is empty', empty(other), JSON.stringify(other)),
  ]
}

/** After finish nothing of the old group is left, in the group or running. */
export async function checkFinished(
  clients: Clients,
  serving: string,
  old: string,
  ended: string[],
): Promise<Check[]> {
  const [live, idle] = [await groupState(clients, serving), await groupState(clients, old)]
  const machines = await clients.ec2.send(new DescribeInstancesCommand({ InstanceIds: ended }))
  const running = (machines.Reservations ?? [])
    .flatMap((reservation) => reservation.Instances ?? [])
    .filter((instance) => instance.State?.Name !== 'terminated')
  const version = tagKey.version
  return [
    check(`every instance of ${serving} is in service`, allInService(live), JSON.stringify(live.instances)),
    check(`no process of ${serving} is suspended`, live.suspended.length === 0, live.suspended.join()),
    check(`${old} is empty, at min 0 and desired 0`, empty(idle) && idle.min === 0, JSON.stringify(idle)),
    check(`no process of ${old} is suspended`, idle.suspended.length === 0, idle.suspended.join()),
    check(`no machine of ${old} runs`, running.length === 0, running.map((m) => m.InstanceId).join()),
    check(
      'both groups name the version that serves',
      live.tags[version] === idle.tags[version],
      String(idle.tags[version]),
    ),
  ]
}

export function checkTraffic(count: TrafficCount): Check[] {
  const { sent, failed, failures, byVersion } = count
  return [
    check('not one request failed', failed === 0, failures.join('; ')),
    check('every request was answered', sent === count.answered + failed, `${count.answered} of ${sent}`),
    check(
      'both versions answered',
      (byVersion['v1'] ?? 0) > 0 && (byVersion['v2'] ?? 0) > 0,
      JSON.stringify(byVersion),
    ),
  ]
}

export function checkPermissions(refused: readonly string[]): Check[] {
  return [check('the shipped IAM policies allow every call', refused.length === 0, refused.join('; '))]
}

const sizes = ({ min, max, desired }: GroupState): string => `${min}/${max}/${desired}`

const allInService = (state: GroupState): boolean => {
  const states = Object.values(state.instances)
  return states.length > 0 && states.every((lifecycle) => lifecycle === 'InService')
}

const empty = (state: GroupState): boolean => Object.keys(state.instances).length === 0 && state.desired === 0
