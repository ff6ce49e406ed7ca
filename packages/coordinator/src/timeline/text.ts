import { formatDuration } from '@switchover/contract/duration'
import { count, list } from '../decide/words.ts'
import { barKinds, type BarKind, type Lane, type Row, type Section, type Timeline } from './model.ts'
import { plainText } from '../plain-text.ts'
import { slowestSentence } from './slowest.ts'
import { ticksOf } from './ticks.ts'
import { barWords } from './words.ts'

/** Rows of one group; a large fleet is told in batches that went alike. */
const rowsMost = 14
const partsMost = 12
const warningsMost = 8
const callsMost = 6
/** Columns of the narrowest terminal worth drawing for, and of the widest that helps. */
const [narrowest, widest] = [48, 140]

export type TextOptions = Readonly<{
  /** Columns of the terminal. */
  width: number
  /** Colours a stretch of one kind; the identity where there is no colour. */
  paint: (kind: BarKind, text: string) => string
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

function sectionText(section: Section, columns: number, paint: TextOptions['paint']): string {
  const switched = section.marks.find((mark) => mark.switched)?.at
  const title = [
    section.name.toUpperCase(),
    ...(switched === undefined
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

/** One block a group that has instances, under one axis. */
function gantt(section: Section, columns: number, paint: TextOptions['paint']): string[][] {
  return section.lanes
    .filter(({ rows }) => rows.length > 0)
    .map((lane) => laneLines(section, lane, columns, paint))
}

function laneLines(section: Section, lane: Lane, columns: number, paint: TextOptions['paint']): string[] {
  const shownMs = focusOf(section, lane)
  const batches = batchesOf(lane.rows, shownMs, columns - 27)
  const label = Math.min(24, Math.max(10, ...batches.slice(0, rowsMost).map(({ ids }) => nameOf(ids).length)))
  const room = columns - label - 3
  const lines = batches.slice(0, rowsMost).map(({ ids, row }) => {
    return `  ${nameOf(ids).slice(0, label).padEnd(label)} ${painted(cells(row, shownMs, room), paint)}`
  })
  const rest = batches.slice(rowsMost).reduce((sum, { ids }) => sum + ids.length, 0)
  const indent = ' '.repeat(label + 3)
  const switched = section.marks.find((mark) => mark.switched && mark.at <= shownMs)
  const part = shownMs < section.lengthMs ? `, the first ${formatDuration(shownMs)}` : ''
  return [
    ...bullet(`${lane.side} group ${lane.group}, ${count(lane.rows.length, 'instance')}${part}`, columns),
    `${indent}${axis(shownMs, room)}`,
    ...lines,
    ...(rest === 0 ? [] : [`  and ${rest} more`]),
    ...(switched === undefined ? [] : [`${indent}${pointer(switched.at / shownMs, room, switched.text)}`]),
  ]
}

/** What follows the coming up of the new group would leave it too little room where it takes much longer. */
function focusOf({ lengthMs, marks }: Section, { side, rows }: Lane): number {
  const until = Math.max(
    marks.find((mark) => mark.switched)?.at ?? 0,
    ...rows.map(({ servedAt }) => servedAt ?? 0),
  )
  const focus = until * 1.15
  return side === 'new' && until > 0 && focus < lengthMs / 2 ? focus : lengthMs
}

function nameOf(ids: readonly string[]): string {
  return ids.length === 1 ? (ids[0] ?? '') : `${ids.length} × ${short(ids[0])}`
}

type Batch = { ids: string[]; row: Row }

/** Each row alone as long as all find room, else batches of rows that look alike: the more roughly, the more there are. */
function batchesOf(rows: readonly Row[], lengthMs: number, room: number): Batch[] {
  if (rows.length <= rowsMost) return rows.map((row) => ({ ids: [row.id], row }))
  let batches: Batch[] = []
  for (let columns = room; columns >= 3; columns = Math.floor(columns / 2)) {
    batches = alike(rows, lengthMs, columns)
    if (batches.length <= rowsMost) break
  }
  return batches
}

function alike(rows: readonly Row[], lengthMs: number, columns: number): Batch[] {
  const batches = new Map<string, Batch>()
  for (const row of rows) {
    const looks = cells(row, lengthMs, columns)
      .map((kind) => (kind === null ? ' ' : barWords[kind].letter))
      .join('')
    const batch = batches.get(looks)
    if (batch === undefined) batches.set(looks, { ids: [row.id], row })
    else batch.ids.push(row.id)
  }
  return [...batches.values()]
}

function short(id = ''): string {
  return id.length > 12 ? `${id.slice(0, 11)}…` : id
}

/** What fills most of each column; null where nothing was yet. */
function cells({ bars }: Row, lengthMs: number, room: number): (BarKind | null)[] {
  const step = lengthMs / room
  return Array.from({ length: room }, (_, column) => {
    const [from, to] = [column * step, (column + 1) * step]
    let best: BarKind | null = null
    let most = 0
    for (const bar of bars) {
      const shared = Math.min(to, bar.to) - Math.max(from, bar.from)
      if (shared > most) [most, best] = [shared, bar.kind]
    }
    return most * 2 >= step ? best : null
  })
}

function painted(kinds: readonly (BarKind | null)[], paint: TextOptions['paint']): string {
  const runs: { kind: BarKind | null; length: number }[] = []
  for (const kind of kinds) {
    const last = runs.at(-1)
    if (last?.kind === kind) last.length += 1
    else runs.push({ kind, length: 1 })
  }
  return runs
    .map(({ kind, length }) =>
      kind === null ? ' '.repeat(length) : paint(kind, barWords[kind].letter.repeat(length)),
    )
    .join('')
    .trimEnd()
}

function axis(lengthMs: number, room: number): string {
  let line = ''
  for (const at of ticksOf(lengthMs, Math.max(2, Math.floor(room / 12)))) {
    const column = Math.round((at / lengthMs) * room)
    const text = at === 0 ? '0' : formatDuration(at).replace('.0s', 's')
    if (column < line.length || column + text.length > room) continue
    line = line.padEnd(column) + text
  }
  return line
}

function pointer(share: number, room: number, text: string): string {
  const column = Math.min(room - 1, Math.round(share * room))
  if (text.length + 2 > room) return `${' '.repeat(column)}↑`
  return column + text.length + 2 <= room
    ? `${' '.repeat(column)}↑ ${text}`
    : `${' '.repeat(Math.max(0, column - text.length - 1))}${text} ↑`
}

function capacityLines({ capacity }: Section, columns: number): string[] {
  const known = capacity.flatMap(({ at, old, new: fresh, required }) =>
    old === null || fresh === null ? [] : [{ at, healthy: old + fresh, required }],
  )
  // The last sample is the end of the axis.
  const least = known.toSorted((a, b) => a.healthy - b.healthy)[0]
  const required = known.findLast((one) => one.required !== null)?.required ?? null
  if (least === undefined) return []
  const short = known.find((one) => one.required !== null && one.healthy < one.required)
  const needed = required === null ? '' : `, ${required} required`
  const sentence =
    short === undefined
      ? `Healthy capacity: never fewer than ${least.healthy}${needed}.`
      : `Healthy capacity fell short: ${short.healthy} of ${short.required ?? 0} at ${formatDuration(short.at)}.`
  return wrapped(sentence, columns, '  ').map((line, index) => (index === 0 ? `  ${line}` : line))
}

function slowestLines(section: Section, columns: number): string[] {
  const sentence = slowestSentence(section)
  return sentence === null ? [] : bullet(sentence, columns)
}

function callLines({ calls }: Section, columns: number): string[] {
  if (calls === null || calls.operations.length === 0) return []
  const all = calls.operations.reduce((sum, one) => sum + one.count, 0)
  const changing = calls.operations.filter(({ changes }) => changes).reduce((sum, one) => sum + one.count, 0)
  const names = calls.operations.map(({ name, count }) => `${name} ${count}`)
  return bullet(
    `${count(all, 'API call')}, ${changing} of them changing something: ${list(names, callsMost)}.`,
    columns,
  )
}

function warningLines({ entries, lanes }: Section, columns: number): string[] {
  const warnings = entries.filter(({ kind }) => kind === 'warning')
  const failed = lanes.flatMap(({ rows }) => rows.filter(({ note }) => note !== null))
  const shown = [
    ...warnings.slice(0, warningsMost).map(({ at, text }) => `+${formatDuration(at)} ${text}`),
    ...failed
      .slice(0, 3)
      .flatMap(({ id, note, logs }) => [
        `${id}: ${note ?? ''}`,
        ...logs.slice(-3).map((line) => `  ${line}`),
      ]),
  ]
  return shown.flatMap((line) => bullet(line, columns))
}

function hintLines({ hints }: Section, columns: number): string[] {
  return hints.flatMap(({ text }) => bullet(`Hint: ${text}`, columns))
}

function bullet(text: string, columns: number): string[] {
  return wrapped(`  ${text}`, columns, '    ')
}

function legend(sections: readonly Section[], columns: number, paint: TextOptions['paint']): string {
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

/** Words of a line over as many as they take; a word that is longer than a line stays whole. */
function wrapped(told: string, columns: number, indent: string): string[] {
  const text = plainText(told)
  const lead = /^ */.exec(text)?.[0] ?? ''
  const lines: string[] = []
  let line = lead
  let empty = true
  for (const part of text.slice(lead.length).split(/(?<= )/)) {
    if (!empty && line.length + part.trimEnd().length > columns) {
      lines.push(line.trimEnd())
      line = indent
    }
    line += part
    empty = false
  }
  return [...lines, line.trimEnd()]
}

function foreseen(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '' : ` (${formatDuration(ms)} foretold)`
}
