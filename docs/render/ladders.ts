import { readFileSync, writeFileSync } from 'node:fs'
import { canaryLadder } from '@switchover/coordinator/decide/canary'
import { deployLadder } from '@switchover/coordinator/decide/deploy'
import { finishLadder } from '@switchover/coordinator/decide/finish'
import { finishKeptLadder } from '@switchover/coordinator/decide/finish-kept'
import { firstLadder, withdrawLadder } from '@switchover/coordinator/decide/first'
import { beforeDeploy, beforeFirst, ruleTaken, run } from '@switchover/coordinator/decide/fixture'
import type { Ladder } from '@switchover/coordinator/decide/ladder'
import { rollbackLadder } from '@switchover/coordinator/decide/rollback'
import { finishKept, turnTo } from '@switchover/coordinator/decide/start'
import type { World } from '@switchover/coordinator/decide/world'
import { rungs } from './rungs.ts'

const from = '<!-- ladders: npm run render:ladders -->'
const to = '<!-- end of ladders -->'
const page = new URL('../how-it-works.md', import.meta.url)

const toward = (goal: 'rollback' | 'finish', world: World): World => ({
  ...world,
  deployment: turnTo(world.deployment, goal, world.now),
})

/** Every ladder with the world in which a service finds itself when an ordinary run of it begins. */
function ladders(): [title: string, ladder: Ladder, start: World][] {
  const parked = run(beforeDeploy()).world
  const canary = beforeDeploy({ flags: { canary: 1 } })
  const back = toward('rollback', parked)
  const keeping = { ...back, deployment: { ...back.deployment, back: { ...back.deployment.back, keep: 1 } } }
  const kept = run(keeping).world
  const first = beforeFirst()
  const half = run(first, (_, step) => step.kind === 'wait').world
  return [
    ['deploy', deployLadder, beforeDeploy()],
    ['rollback', rollbackLadder, back],
    ['finish', finishLadder, toward('finish', parked)],
    ['deploy --canary', canaryLadder, canary],
    ['the first deployment', firstLadder, first],
    ['the way back of the first deployment', withdrawLadder, toward('rollback', half)],
    [
      'finish of what rollback --keep left',
      finishKeptLadder,
      { ...kept, deployment: finishKept(kept.deployment, kept.now) },
    ],
  ]
}

/** The rungs that are taken when nothing happens and nothing is asked for besides. */
function ordinary(ladder: Ladder, start: World): Set<string | null> {
  const taken = new Set<string | null>()
  run(start, (world) => {
    taken.add(ruleTaken(ladder, world))
    return false
  })
  return taken
}

/**
 * The ladders as tables: order and names are the code's, and which rungs an ordinary run takes is found by running them.
 * @throws {Error} where a rung is not described, or a description has no rung.
 */
export function renderLadders(): string {
  const all = ladders()
  const known = new Set(all.flatMap(([, ladder]) => Object.keys(ladder)))
  const idle = Object.keys(rungs).filter((name) => !known.has(name))
  if (idle.length > 0) throw new Error(`There are no such rungs: ${idle.join(', ')}.`)
  return all
    .map(([title, ladder, start]) => {
      const taken = ordinary(ladder, start)
      const rows = Object.keys(ladder).map((name, index) => {
        const does = rungs[name]
        if (does === undefined) throw new Error(`What does ${name} do? docs/render/rungs.ts does not say.`)
        return `| ${index + 1} | ${taken.has(name) ? '●' : ''} | ${name} | ${does} |`
      })
      return [`### ${title}`, '', '| | | rung | what it does |', '|---|---|---|---|', ...rows, ''].join('\n')
    })
    .join('\n')
}

/** The page with its tables made anew. */
export function renderPage(): string {
  const text = readFileSync(page, 'utf8')
  const [head, rest] = text.split(from)
  const [, tail] = (rest ?? '').split(to)
  if (head === undefined || tail === undefined) throw new Error('docs/how-it-works.md has lost its markers.')
  return `${head}${from}\n\n${renderLadders()}\n${to}${tail}`
}

if (import.meta.main) writeFileSync(page, renderPage())
