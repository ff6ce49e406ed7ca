import { groupNames, groupState, service } from './account.ts'
import { type Check, checkFinished, checkPermissions, checkRolledBack, checkTraffic } from './checks.ts'
import {
  deployFloor,
  type Figures,
  finishFloor,
  type Floor,
  type Groups,
  measure,
  rollbackFloor,
} from './figures.ts'
import { checkScaling } from './like/dress.ts'
import { type Likeness, limitMs } from './like/likeness.ts'
import { type Narrator, narration } from './narrator.ts'
import { type Observer, startObserver } from './observer.ts'
import { prepare, type Stage } from './prepare.ts'
import type { Scene } from './scene.ts'
import { switchover } from './switchover-cli.ts'
import { startTraffic, type TrafficCount } from './traffic.ts'

export type RehearsalOptions = {
  instances: number
  perSecond: number
  /** The service this one is to be like. */
  like?: Likeness | undefined
  signal: AbortSignal
}

export type RehearsalResult = { figures: Figures[]; traffic: TrafficCount; checks: Check[] }

type Run = Stage & {
  narrator: Narrator
  observer: Observer
  signal: AbortSignal
  figures: Figures[]
  checks: Check[]
}

/** The main job from start to end, as ops would do it: v1 serves; deploy v2, roll back, deploy v2 again, finish. */
export async function rehearse(
  scene: Scene,
  narrator: Narrator,
  options: RehearsalOptions,
): Promise<RehearsalResult> {
  const stage = await prepare(scene, narrator, options)
  const [blue, green] = groupNames
  narrator.heading(
    `Steady traffic to ${stage.url}, ${options.perSecond} requests a second from now to the end`,
  )
  const traffic = startTraffic(stage.url, options.perSecond, limitMs(options.like))
  const observer = startObserver(stage.clients, { groups: groupNames, targetGroupArn: stage.targetGroupArn })
  const run: Run = { ...stage, narrator, observer, signal: options.signal, figures: [], checks: [] }
  try {
    const before = await groupState(run.clients, blue)
    await act(run, ['deploy', service, 'v2'], { serving: green, other: blue }, deployFloor)
    await act(run, ['rollback', service], { serving: blue, other: green }, rollbackFloor)
    run.checks.push(
      ...checkRolledBack(before, await groupState(run.clients, blue), await groupState(run.clients, green)),
    )
    await act(run, ['deploy', service, 'v2'], { serving: green, other: blue }, deployFloor)
    await act(run, ['finish', service], { serving: green, other: blue }, finishFloor)
    run.checks.push(...(await checkFinished(run.clients, green, blue, Object.keys(before.instances))))
    if (options.like !== undefined)
      run.checks.push(...(await checkScaling(run.clients, { serving: green, other: blue }, options.like)))
  } finally {
    await Promise.allSettled([observer.stop(), traffic.stop()])
  }
  // Figures of an observer that went blind on the way would be worth nothing.
  await observer.stop()
  const count = traffic.count()
  run.checks.push(...checkTraffic(count), ...checkPermissions(scene.refused))
  return { figures: run.figures, traffic: count, checks: run.checks }
}

/** Runs one changing command in a process of its own and narrates what it prints. */
async function act(run: Run, command: readonly string[], groups: Groups, floor: Floor): Promise<void> {
  const { narrator, observer } = run
  narrator.heading(`switchover ${command.join(' ')}`)
  const from = observer.now()
  const result = await switchover([...command, '--yes'], {
    env: run.env,
    signal: run.signal,
    onEvent: narration(narrator),
  })
  const to = observer.now()
  run.signal.throwIfAborted()
  if (result.exitCode !== 0) {
    throw new Error(
      `switchover ${command.join(' ')} ended with exit code ${result.exitCode}.\n${result.stderr}`,
    )
  }
  run.figures.push(measure(command.join(' '), observer.sightings(), { from, to }, groups, floor))
}
