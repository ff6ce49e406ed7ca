import { formatDuration } from '@switchover/contract/duration'
import { count, list } from '../decide/words.ts'
import { totalsOf } from './calls.ts'
import { leastOf } from './least.ts'
import { barKinds, type Section, type Timeline } from './model.ts'
import { switchedAt } from './parts.ts'
import { slowestSentence } from './slowest.ts'
import { gantt, type Paint } from './text-gantt.ts'
import { bullet, wrapped } from './text-lines.ts'
import { barWords } from './words.ts'

const partsMost = 12
const warningsMost = 8
/** Instances that lacked something. */
const failedMost = 3
const callsMost = 6
/** Columns of the narrowest terminal worth drawing for, and of the widest that helps. */
const [narrowest, widest] = [48, 140]

export type TextOptions = Readonly<{
  /** Columns of the terminal. */
  width: number
  paint: Paint
}>

/** A deployment on a terminal. */
export function timelineText(timeline: Timeline, { width, paint }: TextOptions): string {
  const columns = Math.min(widest, Math.max(narrowest, width))
  const { service, version, previousVersion, id, startedAt, sections, missing } = timeline
  const head = [
    `${service} ${previousVersion ?? '–'} → ${version}   ${id}   ${startedAt.slice(0, 19).replace('T', ' ')} UTC`,
    timeline.summary,
    ...(timeline.failure === null ? [] : [timeline.failure]),
    ...missing,
  ].flatMap((line) => wrapped(line, columns, ''))
  const body = sections.map((section) => sectionText(section, columns, paint))
  return `${[head.join('\n'), ...body, legend(sections, columns, paint)].filter(Boolean).join('\n\n')}\n`
}

function sectionText(section: Section, columns: number, paint: Paint): string {
  const switched = switchedAt(section.marks)
  const title = [
    section.name.toUpperCase(),
    ...(switched === null
      ? []
      : [`switched after ${formatDuration(switched)}${foreseen(section.foretold?.switchedMs)}`]),
    `${formatDuration(section.lengthMs)} in all${foreseen(section.foretold?.endedMs)}`,
    section.rest,
  ].join(' · ')
  const blocks = [
    [...wrapped(title, columns, '')],
    partLines(section, columns),
    ...gantt(section, columns, paint),
    capacityLines(section, columns),
    slowestLines(section, columns),
    callLines(section, columns),
    warningLines(section, columns),
    hintLines(section, columns),
  ]
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')
}

function partLines({ parts, lengthMs }: Section, columns: number): string[] {
  const room = Math.min(20, Math.floor(columns / 4))
  const shown = parts.slice(0, partsMost)
  return shown.flatMap(({ what, from, to }) => {
    const bar = '█'.repeat(Math.max(1, Math.round(((to - from) / lengthMs) * room)))
    return wrapped(
      `${formatDuration(to - from).padStart(7)} ${bar.padEnd(room)} ${what}`,
      columns,
      ' '.repeat(9 + room),
    )
  })
}

function capacityLines(section: Section, columns: number): string[] {
  const least = leastOf(section)
  if (least === null) return []
  const { healthy, required, at, short } = least
  const needed = required === null ? '' : `, ${required} required`
  const seen = section.gaps.length > 0 ? ' while somebody looked' : ''
  const sentence = short
    ? `Healthy capacity fell short: ${healthy} of ${required ?? 0} at ${formatDuration(at)}.`
    : `Healthy capacity: never fewer than ${healthy}${seen}${needed}.`
  return bullet(sentence, columns)
}

function slowestLines(section: Section, columns: number): string[] {
  const sentence = slowestSentence(section)
  return sentence === null ? [] : bullet(sentence, columns)
}

function callLines({ calls, gaps }: Section, columns: number): string[] {
  if (calls === null || calls.operations.length === 0) return []
  const { total, changing } = totalsOf(calls)
  const names = calls.operations.map(({ name, count }) => `${name} ${count}`)
  return bullet(
    `${gaps.length > 0 ? 'At least ' : ''}${count(total, 'API call')}, ${changing} of them changing something: ${list(names, callsMost)}.`,
    columns,
  )
}

function warningLines({ entries, lanes }: Section, columns: number): string[] {
  const warnings = entries.filter(({ kind }) => kind === 'warning')
  const failed = lanes.flatMap(({ rows }) => rows.filter(({ note }) => note !== null))
  const shown = [
    ...warnings.slice(0, warningsMost).map(({ at, text }) => `+${formatDuration(at)} ${text}`),
    ...more(warnings.length - warningsMost, 'more warning'),
    ...failed
      .slice(0, failedMost)
      .flatMap(({ id, note, logs }) => [
        `${id}: ${note ?? ''}`,
        ...logs.slice(-3).map((line) => `  ${line}`),
      ]),
    ...more(failed.length - failedMost, 'more instance'),
  ]
  return shown.flatMap((line) => bullet(line, columns))
}

function more(left: number, noun: string): string[] {
  return left > 0 ? [`and ${count(left, noun)}`] : []
}

function hintLines({ hints }: Section, columns: number): string[] {
  return hints.flatMap(({ text }) => bullet(`Hint: ${text}`, columns))
}

function legend(sections: readonly Section[], columns: number, paint: Paint): string {
  const used = new Set(
    sections.flatMap(({ lanes }) =>
      lanes.flatMap(({ rows }) => rows.flatMap(({ bars }) => bars.map(({ kind }) => kind))),
    ),
  )
  const kinds = barKinds.filter((kind) => used.has(kind))
  const lines: string[] = []
  let length = columns
  for (const kind of kinds) {
    const { letter, word } = barWords[kind]
    const more = word.length + 4
    if (length + more > columns) {
      lines.push('')
      length = 0
    }
    lines.push(`${lines.pop() ?? ''}  ${paint(kind, letter)} ${word}`)
    length += more
  }
  return lines.join('\n')
}

function foreseen(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '' : ` (${formatDuration(ms)} foretold)`
}
