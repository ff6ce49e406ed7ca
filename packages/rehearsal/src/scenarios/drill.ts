import { setTimeout as sleep } from 'node:timers/promises'
import { formatDuration } from '@switchover/contract/duration'
import type { Event } from '@switchover/contract/event'
import { type Clients, groupNames, groupState, healthyTargets } from '../account.ts'
import type { Check } from '../checks.ts'
import { limitMs, stepLimitMs } from '../like/likeness.ts'
import { type Narrator, narration } from '../narrator.ts'
import { startObserver } from '../observer.ts'
import { prepare, type Stage } from '../prepare.ts'
import type { RehearsalOptions } from '../rehearse.ts'
import type { Scene } from '../scene.ts'
import { switchover } from '../switchover-cli.ts'
import { startTraffic } from '../traffic.ts'
import { always } from './expectations.ts'
import type { Drill, EndedCommand, Pair, Scenario, Seen, Strike } from './scenario.ts'

const [blue, green] = groupNames

/** Plays one scenario on a service that runs v1, and holds what was seen against what was expected. */
export async function play(
  scenario: Scenario,
  scene: Scene,
  narrator: Narrator,
  options: RehearsalOptions,
): Promise<Check[]> {
  announce(scenario, narrator)
  const stage = await prepare(scene, narrator, { ...options, ...(scenario.v2 && { v2: scenario.v2 }) })
  narrator.heading(`Steady traffic to ${stage.url}, ${options.perSecond} requests a second`)
  const traffic = startTraffic(stage.url, options.perSecond, limitMs(options.like))
  const observer = startObserver(stage.clients, { groups: groupNames, targetGroupArn: stage.targetGroupArn })
  const kept: Kept = { commands: [], struck: [] }
  try {
    const before = await pair(stage.clients)
    await scenario.play(drillOn(scene, stage, narrator, options, kept))
    const after = await pair(stage.clients)
    const healthy = await healthyTargets(stage.clients, stage.targetGroupArn)
    await observer.stop()
    const count = await traffic.stop()
    return judge(scenario, {
      ...kept,
      before,
      after,
      healthy,
      traffic: count,
      sightings: observer.sightings(),
      refused: scene.refused,
    })
  } finally {
    await Promise.allSettled([observer.stop(), traffic.stop()])
  }
}

export function judge({ expects }: Pick<Scenario, 'expects'>, seen: Seen): Check[] {
  return [...expects, ...always].map((expectation) => ({ must: expectation.text, ...expectation.look(seen) }))
}

function announce({ name, summary, breaks, expects }: Scenario, { heading, say }: Narrator): void {
  heading(`Scenario ${name}: ${summary}`)
  say(breaks)
  say('What is expected:')
  for (const { text } of [...expects, ...always]) say(`  · ${text}`)
}

type Kept = { commands: EndedCommand[]; struck: string[] }

function drillOn(
  scene: Scene,
  stage: Stage,
  narrator: Narrator,
  { like, signal }: RehearsalOptions,
  kept: Kept,
): Drill {
  return {
    ...stage,
    breaks: scene.breaks,
    patience: scene.kind === 'virtual' ? '20s' : '45s',
    say: narrator.say,
    broke: (text, instanceId) => {
      narrator.say(`✗ ${text}`)
      if (instanceId !== undefined) kept.struck.push(instanceId)
    },
    run: async (args, { strike, kill } = {}) => {
      narrator.heading(`switchover ${args.join(' ')}`)
      const struck = strike && once(strike)
      const tell = narration(narrator)
      const from = performance.now()
      const result = await switchover([...args, '--yes'], {
        env: stage.env,
        signal,
        ...(kill && { kill }),
        onEvent: (event) => {
          tell(event)
          struck?.onEvent(event)
        },
      })
      signal.throwIfAborted()
      const ended = endedCommand(args[0] ?? '', result.events, result.exitCode, performance.now() - from)
      kept.commands.push(ended)
      await struck?.done(ended)
    },
    until: async (what, met) => {
      const limitMs = stepLimitMs(like)
      const deadline = performance.now() + limitMs
      while (!(await met())) {
        signal.throwIfAborted()
        if (performance.now() > deadline)
          throw new Error(`In ${formatDuration(limitMs)} it did not come about that ${what}.`)
        await sleep(250)
      }
    },
  }
}

/** @returns what to tell events to; `done` throws what the strike threw, and where its moment never came. */
function once({ when, act }: Strike): {
  onEvent: (event: Event) => void
  done: (ended: EndedCommand) => Promise<void>
} {
  let struck: Promise<void> | null = null
  return {
    onEvent: (event) => {
      if (struck !== null || !when(event)) return
      struck = (async () => act(event))()
      // Told by done(), not by ending the process where nobody waits yet.
      struck.catch(() => undefined)
    },
    done: async ({ command, exitCode, text }) => {
      if (struck === null)
        throw new Error(`${command} ended with exit code ${exitCode} before anything was broken: ${text}`)
      await struck
    },
  }
}

function endedCommand(
  command: string,
  events: readonly Event[],
  exitCode: number | null,
  tookMs: number,
): EndedCommand {
  const switched = events.flatMap((event) =>
    event.event === 'progress' && event.switchedMs !== undefined ? [event.switchedMs] : [],
  )
  return { command, exitCode, text: events.at(-1)?.text ?? '', tookMs, switchedMs: switched.at(-1) ?? null }
}

async function pair(clients: Clients): Promise<Pair> {
  const [first, second] = await Promise.all([groupState(clients, blue), groupState(clients, green)])
  return { blue: first, green: second }
}
