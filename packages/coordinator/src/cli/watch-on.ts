import type { Deployment } from '@switchover/contract/deployment'
import { watch, type Watching } from '../commands/watch.ts'
import type { StatusResult } from '../commands/status.ts'
import type { ResultEvent } from '../events.ts'
import type { Screen } from '../live/screen.ts'
import { sightOfStatus } from '../live/view/sight-of-status.ts'
import { sightOfWatch } from '../live/view/sight-of-watch.ts'
import { plainText } from '../plain-text.ts'
import type { Ports } from '../run/ports.ts'
import { changedLines } from '../status/changes.ts'
import { formatStatus } from '../status/format.ts'
import type { StatusOptions } from '../status/read.ts'
import type { Host } from './host.ts'
import type { Common } from './options.ts'
import { createOutput, outputOptions } from './output.ts'
import { canShow, openScreen } from './run-live.ts'

/** Lines of the journal that are shown of what came before. */
const linesBefore = 5

/** `status --watch`: a live view where both stdout and stderr are a terminal, else lines. */
export async function watchOn(
  host: Host,
  options: Common,
  ports: Ports,
  asked: StatusOptions,
): Promise<ResultEvent> {
  const output = outputOptions(host, options)
  if (!canShow(host, output) || host.stdout.isTTY !== true)
    return watch(ports, asked, plain(host, options.json, ports))
  const hint = 'Ctrl-C ends the watching; what is under way goes on.'
  const screen = await openScreen(host, output, hint)
  try {
    return await watch({ ...ports, emit: createOutput(host, output, screen) }, asked, live(screen, ports))
  } finally {
    await screen.close()
  }
}

/** The whole state first, then the lines of it that have changed, with their time. */
function plain({ stdout }: Pick<Host, 'stdout'>, json: boolean, { emit }: Pick<Ports, 'emit'>): Watching {
  let shown: string | null = null
  const show = ({ at, text, details }: StatusResult) => {
    const state = formatStatus(details)
    const changed = shown === null ? [state] : changedLines(shown, state)
    if (changed.length > 0 && json) emit({ event: 'progress', at, text })
    else if (shown === null) stdout.write(state)
    else stdout.write(changed.map((line) => `${timeOf(at)} ${line.trim()}\n`).join(''))
    shown = state
  }
  return { look: null, show }
}

function live(screen: Screen, { clock }: Pick<Ports, 'clock'>): Watching {
  let told: Deployment['journal'] | null = null
  return {
    look: (look) => {
      const { journal } = look.world.deployment
      for (const { at, text } of news(told, journal)) screen.say(`${timeOf(at)} ${plainText(text)}`)
      told = journal
      screen.show(sightOfWatch(look), look.paceMs, null)
    },
    show: ({ details }, paceMs) => screen.show(sightOfStatus(details, clock.now()), paceMs, null),
  }
}

/** What the journal has more than it had; of one not seen before its last lines. */
function news(before: Deployment['journal'] | null, now: Deployment['journal']): Deployment['journal'] {
  const last = before?.at(-1)
  if (before === null || last === undefined) return before === null ? now.slice(-linesBefore) : now
  const at = now.findLastIndex((one) => one.at === last.at && one.text === last.text)
  return now.slice(at + 1)
}

function timeOf(at: number): string {
  return new Date(at).toISOString().slice(11, 19)
}
