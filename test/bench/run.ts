import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { buildCoordinator } from '../../packages/coordinator/build.ts'
import { groupNames, service } from '@switchover/rehearsal/account'
import { openAccount, repository, type Account } from './account.ts'
import { measured } from './coordinator.ts'
import { deployTimes, finishTimes, rollbackTimes, type Groups, type Times, type Window } from './figures.ts'
import { missed, tables, type Row } from './tables.ts'
import { Watch, type Sighting } from './watch.ts'

/**
 * `npm run bench`: real coordinator processes deploy, roll back, deploy again and finish over the wire, on modelled
 * instances in a local AWS that takes AWS's usual time. Not a test: its figures are this machine's.
 * Exit code 1 where a target is missed.
 */
const usage = `npm run bench [-- --sizes 4,40,400] [--operations]

  --sizes N,…    instances to deploy, each a run of its own (4,40,400)
  --operations   list the calls of every command by operation
`

type Command = Readonly<{
  name: string
  args: readonly string[]
  groups: Groups
  times: (seen: readonly Sighting[], window: Window, groups: Groups) => Times
}>

const [blue, green] = groupNames
const forth = { serving: green, other: blue }
const back = { serving: blue, other: green }
const deploy = ['deploy', service, 'v2', '--image', repository]
const commands: readonly Command[] = [
  { name: 'deploy', args: deploy, groups: forth, times: deployTimes },
  { name: 'rollback', args: ['rollback', service], groups: back, times: rollbackTimes },
  { name: 'deploy again', args: deploy, groups: forth, times: deployTimes },
  { name: 'finish', args: ['finish', service], groups: forth, times: finishTimes },
]

/** No size takes longer, whatever goes wrong. */
const runLimitMs = 15 * 60_000

async function runSize(cli: string, instances: number): Promise<Row[]> {
  await using account = await openAccount(instances)
  const watch = new Watch(account.cloud, account.targetGroupArn)
  try {
    const rows: Row[] = []
    for (const command of commands) rows.push(await runCommand(cli, account, watch, command, instances))
    return rows
  } finally {
    watch.close()
  }
}

async function runCommand(
  cli: string,
  { counter, env }: Account,
  watch: Watch,
  { name, args, groups, times }: Command,
  instances: number,
): Promise<Row> {
  counter.take()
  watch.take()
  const from = performance.now()
  const usage = await measured(cli, args, env, AbortSignal.timeout(runLimitMs))
  const window = { from, to: performance.now() }
  process.stderr.write(`${instances} instances: ${name} took ${Math.round(window.to - from)} ms\n`)
  return {
    command: name,
    instances,
    calls: counter.take(),
    usage,
    times: times(watch.take(), window, groups),
  }
}

function sizesOf(text: string): number[] {
  const sizes = text.split(',').map(Number)
  if (sizes.every((size) => Number.isInteger(size) && size >= 1 && size <= 2_000)) return sizes
  throw new Error(`--sizes takes whole numbers from 1 to 2000, as in 4,40,400; it was ${text}.`)
}

function optionsOf(argv: readonly string[]): { sizes: number[]; operations: boolean } {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      sizes: { type: 'string', default: '4,40,400' },
      operations: { type: 'boolean', default: false },
    },
  })
  return { sizes: sizesOf(values.sizes), operations: values.operations }
}

async function main(argv: readonly string[]): Promise<number> {
  let options: ReturnType<typeof optionsOf>
  try {
    options = optionsOf(argv)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}`)
    return 2
  }
  const cli = await buildCoordinator(
    fileURLToPath(new URL('../../.cache/bench/coordinator', import.meta.url)),
  )
  const rows: Row[] = []
  for (const size of options.sizes) rows.push(...(await runSize(cli, size)))
  process.stdout.write(tables(rows, options.operations))
  return rows.some((row) => missed(row).length > 0) ? 1 : 0
}

process.exitCode = await main(process.argv.slice(2))
