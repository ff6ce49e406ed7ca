import { Refusal, type ResultEvent } from '../events.ts'
import type { Screen } from '../live/screen.ts'
import { sightOfWorld } from '../live/view/sight-of-world.ts'
import type { Ports } from '../run/ports.ts'
import type { Host } from './host.ts'
import { createOutput, type OutputOptions } from './output.ts'
import { StopQuestion } from './stop-question.ts'

/** A command that works on a deployment, and holds its lease. */
export type DeploymentWork<R> = Readonly<{
  service: string
  work: (ports: Ports) => Promise<R>
  /** Takes the deployment back; null where it goes back already, or has no way back. */
  rollBack: ((ports: Ports) => Promise<R>) | null
}>

/**
 * Runs it, live on a terminal that can show it; stops it or takes it back as the answer at Ctrl-C says.
 * @throws what the work throws.
 */
export async function runLive<R extends ResultEvent>(
  host: Host,
  output: OutputOptions,
  ports: Ports,
  { service, work, rollBack }: DeploymentWork<R>,
): Promise<R> {
  const screen = canShow(host, output) ? await openScreen(host, output, 'Ctrl-C asks what to do.') : null
  const say = (line: string) => {
    if (screen === null) host.stderr.write(`${line}\n`)
    else screen.say(line)
  }
  const emit = createOutput(host, output, screen)
  const question = new StopQuestion(host, {
    service,
    backwards: rollBack !== null,
    ask: screen === null ? inLines(say) : (lines) => screen.ask(lines),
    say: (text) => emit({ event: 'progress', at: host.clock.now(), text }),
  })
  const live: Ports = {
    ...ports,
    emit,
    look: (look) => {
      question.look(look.world)
      screen?.show(sightOfWorld(look), look.paceMs, look.step.kind === 'wait' ? look.step.waitingFor : null)
    },
  }
  try {
    const result = await unlessStopped(work(live), () => question.back)
    if (result !== null && (!question.back || result.exitCode !== 0)) return result
    host.interrupt.renew()
    return await (rollBack ?? work)({ ...live, interrupt: host.interrupt.signal })
  } finally {
    question.close()
    await screen?.close()
  }
}

/** A question is drawn anew at each look, and said once. */
function inLines(say: (text: string) => void): (lines: readonly string[]) => void {
  let asked = ''
  return (lines) => {
    const question = lines.join('\n')
    if (question !== '' && question !== asked) say(question)
    asked = question
  }
}

/** Null where it was stopped in order to go back. */
async function unlessStopped<R>(work: Promise<R>, back: () => boolean): Promise<R | null> {
  try {
    return await work
  } catch (error) {
    if (back() && error instanceof Refusal && error.exitCode === 130) return null
    throw error
  }
}

/** A live view is for a person who looks on. */
export function canShow({ stderr, config }: Host, { json, quiet }: OutputOptions): boolean {
  return stderr.isTTY === true && !config.dumb && !json && !quiet
}

/** Loaded only where it is shown. */
export async function openScreen(
  { stderr, clock, config }: Host,
  { colour }: OutputOptions,
  hint: string,
): Promise<Screen> {
  const [{ Screen }, { asciiSigns, unicodeSigns }] = await Promise.all([
    import('../live/screen.ts'),
    import('../live/view/line.ts'),
  ])
  return new Screen({
    stream: stderr,
    clock,
    colour,
    signs: config.unicode ? unicodeSigns : asciiSigns,
    hint,
  })
}
