import { styleText } from 'node:util'
import type { Emit, Event, ResultEvent } from '../events.ts'
import { plainText } from '../plain-text.ts'
import type { Host } from './host.ts'
import type { Common } from './options.ts'

export type OutputOptions = Readonly<{ json: boolean; quiet: boolean; colour: boolean }>

export function outputOptions(
  { config, stderr }: Pick<Host, 'config' | 'stderr'>,
  { json, quiet, color }: Common,
): OutputOptions {
  return { json, quiet, colour: color && (config.colour ?? stderr.isTTY === true) }
}

/** An unchanged wait is said again only after this long. Milliseconds. */
const repeatMs = 15_000

/** What takes the place of plain lines while a live view is on the terminal. */
export type Live = Readonly<{
  /** Whether the view itself shows an event. */
  shows: (event: Event) => boolean
  say: (line: string) => void
}>

/**
 * Where events go: under `--json` one object a line on stdout, else sentences on stderr, above the live view where there is
 * one, and a plan on stdout. The result is left to the caller, who prints exactly one.
 */
export function createOutput(
  { stdout, stderr }: Pick<Host, 'stdout' | 'stderr'>,
  options: OutputOptions,
  live: Live | null = null,
): Emit {
  const isNews = newsFilter()
  return (event) => {
    if (options.quiet && !['plan', 'warning', 'result'].includes(event.event)) return
    if (options.json) stdout.write(`${JSON.stringify(event)}\n`)
    else if (event.event === 'plan') stdout.write(`${event.text}\n`)
    else if (live?.shows(event) !== true && isNews(event)) {
      const line = formatEvent(event, options.colour)
      if (live === null) stderr.write(line)
      else live.say(line)
    }
  }
}

/** One event as people read it, newline included. */
export function formatEvent(event: Event, colour: boolean): string {
  const paint = painter(colour)
  if (event.event === 'result') return formatResult(event, colour)
  const time = paint('dim', new Date(event.at).toISOString().slice(11, 19))
  const text = plainText(event.text)
  if (event.event === 'warning') return `${time} ${paint('yellow', `warning: ${text}`)}\n`
  if (event.event === 'wait') return `${time} ${paint('dim', text)}\n`
  return `${time} ${text}\n`
}

function formatResult({ exitCode, text, next }: ResultEvent, colour: boolean): string {
  const paint = painter(colour)
  const sentence = paint(exitCode === 0 ? 'green' : 'red', text)
  return next === null ? `${sentence}\n` : `${sentence}\nNext: ${paint('bold', next)}\n`
}

type Style = 'dim' | 'yellow' | 'green' | 'red' | 'bold'

function painter(colour: boolean): (style: Style, text: string) => string {
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text)
}

/** Lets a wait through when its text is new, or was last said long ago; everything else always. */
function newsFilter(): (event: Event) => boolean {
  let said: { text: string; at: number } | null = null
  return (event) => {
    if (event.event !== 'wait') {
      said = null
      return true
    }
    if (said?.text === event.text && event.at - said.at < repeatMs) return false
    said = { text: event.text, at: event.at }
    return true
  }
}
