import { fileURLToPath } from 'node:url'
import { readCommandLine } from '../../build/options.ts'
import { buildCoordinator } from '../../packages/coordinator/build.ts'
import { measureAgent } from './agent/measure.ts'
import { agentTable, agentTargets } from './agent/table.ts'
import { measureBoots } from './boot/measure.ts'
import { bootTable, bootTargets } from './boot/table.ts'
import { measureDetection } from './detection/measure.ts'
import { detectionTable, detectionTargets } from './detection/table.ts'
import { measureFleet } from './fleet/measure.ts'
import { tables } from './fleet/tables.ts'
import { judge, type Row } from './fleet/targets.ts'
import { growthSvg } from './growth/svg.ts'
import { writeSvg } from './growth/file.ts'
import { mostForScript, optionsOf, usage, type Options, type Part } from './options.ts'
import { measureContest, type Contest } from './script/measure.ts'
import { findAws } from './script/process.ts'
import { contestTable } from './script/table.ts'

/** `npm run bench`. Not a test: its figures are this machine's. */

/** Whether every target was met. */
type Run = (options: Options) => Promise<boolean>

/** The file to run: the coordinator as it ships. */
async function builtCoordinator(): Promise<string> {
  const directory = fileURLToPath(new URL('../../.cache/bench/coordinator', import.meta.url))
  return (await buildCoordinator(directory)).file
}

const runs: Readonly<Record<Part, Run>> = {
  fleet: async ({ sizes, operations, svg }) => {
    const cli = await builtCoordinator()
    const rows: Row[] = []
    try {
      for (const size of sizes) rows.push(...(await measureFleet(cli, size)))
    } finally {
      // What was measured is shown though a larger fleet failed.
      if (rows.length > 0) process.stdout.write(tables(rows, operations))
    }
    if (svg !== null) process.stdout.write(`\nDrawn in ${await writeSvg(svg, growthSvg(rows))}.\n`)
    return judge(rows).every(({ met }) => met)
  },
  detection: async ({ rounds }) => {
    const found = await measureDetection(await builtCoordinator(), rounds)
    process.stdout.write(detectionTable(found))
    return detectionTargets(found).every(({ met }) => met)
  },
  script: async ({ sizes }) => {
    const aws = await findAws()
    if (aws === null) {
      process.stderr.write(
        'Left out: there is no AWS CLI (aws) on the PATH, so that no script is measured.\n',
      )
      return true
    }
    const cli = await builtCoordinator()
    const contests: Contest[] = []
    for (const size of sizes.filter((count) => count <= mostForScript))
      contests.push(await measureContest(cli, size))
    process.stdout.write(contestTable(contests))
    return true
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

async function main(): Promise<void> {
  const options = readCommandLine(usage, optionsOf)
  if (options === null) return
  let met = true
  for (const part of options.only) met = (await runs[part](options)) && met
  process.exitCode = met ? 0 : 1
}

await main()
