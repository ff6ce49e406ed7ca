import { groupNames, service } from '@switchover/rehearsal/account'
import { openAccount, type Account } from '../account.ts'
import { repository } from '../../support/virtual-service.ts'
import { measured } from '../coordinator.ts'
import { deployTimes, finishTimes, rollbackTimes, type Groups, type Times, type Window } from './figures.ts'
import type { CommandName, Figures, Row } from './targets.ts'
import type { Usage } from '../usage.ts'
import { Watch, type Sighting } from './watch.ts'

type Command = Readonly<{
  name: CommandName
  args: readonly string[]
  groups: Groups
  times: (seen: readonly Sighting[], window: Window, groups: Groups) => Times
}>

const [blue, green] = groupNames
const forth = { serving: green, other: blue }
const back = { serving: blue, other: green }
const args = ['deploy', service, 'v2', '--image', repository]
export const deploy: Command = { name: 'deploy', args, groups: forth, times: deployTimes }
const commands: readonly Command[] = [
  deploy,
  { name: 'rollback', args: ['rollback', service], groups: back, times: rollbackTimes },
  { ...deploy, name: 'deploy again' },
  { name: 'finish', args: ['finish', service], groups: forth, times: finishTimes },
]

/** No command takes longer, whatever goes wrong. */
const runLimitMs = 15 * 60_000

export function jobOf(cli: string, { env }: Account, command: Command): Job {
  return { ...command, run: (signal) => measured(cli, command.args, env, signal) }
}

/** One fleet through all commands, in an account of its own. `cli`: the coordinator as it ships. */
export async function measureFleet(cli: string, instances: number): Promise<Row[]> {
  await using account = await openAccount(instances)
  using watch = new Watch(account.cloud, account.targetGroupArn)
  const rows: Row[] = []
  for (const command of commands) {
    const figures = await measureJob(account, watch, jobOf(cli, account, command), instances)
    rows.push({ command: command.name, ...figures })
  }
  return rows
}

/** What runs, and how the moments are told that it brings about. */
export type Job = Readonly<{
  name: string
  groups: Groups
  times: Command['times']
  run: (signal: AbortSignal) => Promise<Usage>
}>

export async function measureJob(
  { counter }: Account,
  watch: Watch,
  { name, groups, times, run }: Job,
  instances: number,
): Promise<Figures> {
  counter.take()
  watch.take()
  const from = performance.now()
  const usage = await run(AbortSignal.timeout(runLimitMs))
  const window = { from, to: performance.now() }
  process.stderr.write(`${instances} instances: ${name} took ${Math.round(window.to - from)} ms\n`)
  return { instances, calls: counter.take(), usage, times: times(watch.take(), window, groups) }
}
