import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { buildCoordinator } from '../../packages/coordinator/build.ts'
import { groupNames, service } from '@switchover/rehearsal/account'
import { openAccount, repository, type Account } from './account.ts'
import { measureAgent } from './agent/measure.ts'
import { agentTable, agentTargets } from './agent/table.ts'
import { measureBoots } from './boot/measure.ts'
import { bootTable, bootTargets } from './boot/table.ts'
import { measured } from './coordinator.ts'
import { deployTimes, finishTimes, rollbackTimes, type Groups, type Times, type Window } from './figures.ts'
import { missed, tables, type Row } from './tables.ts'
import { Watch, type Sighting } from './watch.ts'

/**
 * `npm run bench`. Fleets: real coordinator processes deploy, roll back, deploy again and finish over the wire, on modelled
 * instances in a local AWS that takes AWS's usual time. Boot: the real agent on a real machine. Agent: what its process takes. Not a test: its figures are
 * this machine's. Exit code 1 where a target is missed.
 */
const usage = `npm run bench [-- --only fleet,boot] [--sizes 4,40,400] [--operations] [--rounds 5]

  --only PART,…  fleet: whole deployments of virtual instances
                 boot: the agent on a container machine, against the bare commands and a script
                 agent: memory and start of the agent as it ships
  --sizes N,…    fleet: instances to deploy, each a run of its own (4,40,400)
  --operations   fleet: list the calls of every command by operation
  --rounds N     boot, agent: how often each is measured (5)
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

const parts = ['fleet', 'boot', 'agent'] as const
type Part = (typeof parts)[number]
type Options = { only: readonly Part[]; sizes: number[]; operations: boolean; rounds: number }

/** Null where only help is wanted. */
function optionsOf(argv: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string', default: parts.join(',') },
      sizes: { type: 'string', default: '4,40,400' },
      operations: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '5' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return null
  const only = values.only.split(',').map((name) => {
    const part = parts.find((candidate) => candidate === name)
    if (part === undefined) throw new Error(`--only takes ${parts.join(' and ')}; it was ${values.only}.`)
    return part
  })
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 50)
    throw new Error(`--rounds takes a whole number from 1 to 50; it was ${values.rounds}.`)
  return { only, sizes: sizesOf(values.sizes), operations: values.operations, rounds }
}

/** Whether every target was met. */
type Run = (options: Options) => Promise<boolean>

const runs: Readonly<Record<Part, Run>> = {
  fleet: async ({ sizes, operations }) => {
    const { file: cli } = await buildCoordinator(
      fileURLToPath(new URL('../../.cache/bench/coordinator', import.meta.url)),
    )
    const rows: Row[] = []
    for (const size of sizes) rows.push(...(await runSize(cli, size)))
    process.stdout.write(tables(rows, operations))
    return !rows.some((row) => missed(row).length > 0)
  },
  boot: async ({ rounds }) => {
    const times = await measureBoots(rounds)
    process.stdout.write(bootTable(times))
    return bootTargets(times).every(({ met }) => met)
  },
  agent: async ({ rounds }) => {
    const figures = await measureAgent(rounds)
    process.stdout.write(agentTable(figures))
    return agentTargets(figures).every(({ met }) => met)
  },
}

async function main(argv: readonly string[]): Promise<number> {
  let options: Options | null
  try {
    options = optionsOf(argv)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}`)
    return 2
  }
  if (options === null) {
    process.stdout.write(usage)
    return 0
  }
  let met = true
  for (const part of options.only) met = (await runs[part](options)) && met
  return met ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
