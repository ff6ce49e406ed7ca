import { formatDuration } from '@switchover/contract/duration'
import { count } from '../decide/words.ts'
import type { BarKind, Lane, Row, Section } from './model.ts'
import { upAt } from './parts.ts'
import { bullet } from './text-lines.ts'
import { ticksOf, tickWords } from './ticks.ts'
import { barWords } from './words.ts'

/** Rows of one group; a large fleet is told in batches that went alike. */
const rowsMost = 14

/** Colours a stretch of one kind; the identity where there is no colour. */
export type Paint = (kind: BarKind, text: string) => string

/** One block a group that has instances, under one axis. */
export function gantt(section: Section, columns: number, paint: Paint): string[][] {
  return section.lanes
    .filter(({ rows }) => rows.length > 0)
    .map((lane) => laneLines(section, lane, columns, paint))
}

function laneLines(section: Section, lane: Lane, columns: number, paint: Paint): string[] {
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
function focusOf(section: Section, { side }: Lane): number {
  const focus = upAt(section) * 1.15
  return side === 'new' && focus > 0 && focus < section.lengthMs / 2 ? focus : section.lengthMs
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

function painted(kinds: readonly (BarKind | null)[], paint: Paint): string {
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
    const text = at === 0 ? '0' : tickWords(at)
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
